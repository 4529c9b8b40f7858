"""Words that stand beside digits: of forms, months, names, money, groceries, in many languages."""

from pictures.scene import Generator, one_of

_TEXT = """
Name Vorname Nachname Address Adresse Adresa Dirección Endereço Indirizzo Strasse Straße Street
Rue Via Calle Ulica City Stadt Ort Ville Ciudad Town PLZ ZIP Code Postal Country Land Pays País
Date Datum Fecha Data Day Month Year Tag Monat Jahr Jour Mois Année Día Mes Año Time Uhr Zeit
Birth Geburtstag Naissance Signature Unterschrift Firma Podpis Firm Company Firma Société Empresa
Phone Tel Telefon Mobile Fax Email No Nr Num Nummer Number Numéro Número Nº Page Seite Blatt Sheet
Total Sum Summe Somme Suma Totale Subtotal Amount Betrag Montant Importe Importo Valor Price Preis
Prix Precio Prezzo Cena Qty Menge Anzahl Quantity Item Artikel Unit Tax MwSt VAT TVA IVA Rabatt
Discount Paid Bezahlt Cash Bar Check Cheque Pay Order Bearer Rupees Dollars Euro Cents Pesos Kronen
Invoice Rechnung Facture Factura Bill Receipt Quittung Beleg Rechnungsnummer Kunde Customer Client
Account Konto Bank IBAN BIC Branch Filiale Card Karte Balance Saldo Credit Debit Transfer
From To Von An Bis De Para Per For Mit With And Und Et Y E The Of Le La Les Der Die Das Den El Los
January February March April May June July August September October November December Januar März
Mai Juni Juli Oktober Dezember Janvier Février Avril Juin Juillet Août Enero Febrero Marzo Abril
Mayo Junio Julio Agosto Octubre Noviembre Diciembre Jan Feb Mar Apr Jun Jul Aug Sep Oct Nov Dec
Mon Tue Wed Thu Fri Sat Sun Montag Dienstag Mittwoch Donnerstag Freitag Samstag Sonntag Lundi Mardi
Anna Maria Peter Hans Julia John Smith Mary Ahmed Ali Fatima Chen Wei Li Wang Kumar Singh Priya
Sharma Ivan Petrov Olga Novak Jan Kowalski Müller Schmidt Weber García López Rossi Bianchi Silva
Santos Nguyen Tran Kim Park Sato Tanaka Yusuf Hassan Emma Noah Liam Olivia Sofia Lucas Paul Marie
Milk Bread Eggs Butter Cheese Rice Sugar Salt Tea Coffee Apples Bananas Tomatoes Potatoes Onions
Milch Brot Eier Käse Zucker Mehl Äpfel Kartoffeln Wurst Lait Pain Oeufs Fromage Beurre Leche Pan
Huevos Queso Arroz Aceite Latte Pane Uova Chicken Fish Water Juice Beer Wine Soap Flour Oil Dal
Maths Math Test Exam Class Grade Marks Score Points Punkte Note Student Roll Teacher School Subject
Question Answer Section Part Max Min Average Result Ergebnis Team Player Hole Par Round Game Set
Room Zimmer Floor Gate Exit Open Closed STOP Push Pull Sale Offer New Free Menu Today Left Right
North South East West Help Call Meet Lunch Dinner Mum Dad Home Work Office Project Task Todo Done
Hello World Thanks Danke Merci Gracias Please Bitte Yes Ja Oui Sí Nein Non Love Happy Birthday
sin cos tan log lim max exp dx dy sum mean solve find let then if area length width height volume
weight speed time force mass km cm mm kg lb oz ml ft hrs min sec kWh Volt Ampere Watt Serial Model
Made Size Width Length Weight Lot Exp Best Before Batch Version Draft Copy Original Page Chapter
"""
WORDS = tuple(_TEXT.split())
_ALIKE_TEXT = """
oil soil boil loll lolly zoo ooze booze loss boss sis gig big bill bells glib globe logo logs gossip
solo silo ill lob blob qi quiz zigzag izzy bib gob goggles igloo oslo bogs sobs sizes less class
list lines label size base best goal boy is so go I Bill Gigi Zoo Lisa OS Q Los
"""
_ALIKE = tuple(_ALIKE_TEXT.split())  # of letters that look like digits
_OTHER_TEXT = """
Дата Имя Адрес Сумма Итого Город Улица Подпись Фамилия Число Цена Всего Рублей Телефон Группа
имя дата жили шла Όνομα Ημερομηνία Σύνολο Διεύθυνση Ποσό Τιμή αβγ λμπ θφω
"""
_OTHER_ALPHABETS = tuple(_OTHER_TEXT.split())
_STARTS = (*"bcdfghjklmnprstvwz", "br", "ch", "cl", "dr", "fl", "gr", "pr", "sch", "sh", "st", "tr")
_MIDDLES = (*"aeiouaeioäöüé", "ai", "au", "ea", "ei", "ie", "oo", "ou")
_ENDS = ("", "", "", *"nrstlmdk", "ng", "ck", "st", "rt")
_LETTERS = tuple("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")


def some_word(rng: Generator) -> str:
    """A word in any case, syllables that may be one, an abbreviation, or letters in a row."""
    dice = rng.random()
    if dice < 0.12:
        word = one_of(_ALIKE, rng)
    elif dice < 0.72:
        word = one_of(WORDS, rng)
    elif dice < 0.77:
        word = one_of(_OTHER_ALPHABETS, rng)
    elif dice < 0.92:
        count = int(rng.integers(1, 5))
        parts = (one_of(each, rng) for _ in range(count) for each in (_STARTS, _MIDDLES, _ENDS))
        word = "".join(parts).capitalize()
    else:
        word = "".join(rng.choice(_LETTERS, int(rng.integers(2, 6))))
    word = str(rng.choice([word, word.lower(), word.upper()], p=[0.6, 0.2, 0.2]))
    return word + str(rng.choice(["", ":", ".", ",", "-"], p=[0.84, 0.07, 0.05, 0.03, 0.01]))
