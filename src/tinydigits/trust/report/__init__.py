"""The report as one HTML file: a section per question, each opened by what was found."""
