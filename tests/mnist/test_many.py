"""Networks side by side learn what each would learn alone."""

import torch

from tinydigits.mnist.data import Data
from tinydigits.mnist.fit import fit, start
from tinydigits.mnist.many import Networks
from tinydigits.mnist.model import Net, predict
from tinydigits.mnist.recipe import preset


def test_networks_go_in_and_come_out() -> None:
    alone = [Net() for _ in range(3)]
    together = Networks(alone)
    assert sum(p.numel() for p in together.parameters()) == 3 * 17_466
    for before, after in zip(alone, together.apart(), strict=True):
        for name, value in before.state_dict().items():
            assert torch.equal(value, after.state_dict()[name]), name


def test_each_network_sees_its_own_images_only() -> None:
    torch.manual_seed(0)
    alone = [Net(0.0).train() for _ in range(3)]
    together = Networks(alone).train()
    images = torch.rand(3, 5, 1, 28, 28)
    expected = torch.cat([net(batch) for net, batch in zip(alone, images, strict=True)])
    torch.testing.assert_close(together(images.flatten(0, 1)), expected)
    for net, apart in zip(alone, together.apart(), strict=True):
        for name, value in net.state_dict().items():
            torch.testing.assert_close(apart.state_dict()[name], value, msg=name)


def test_seeds_together_learn_what_they_learn_alone(tiny_data: Data) -> None:
    recipe = preset("best").changed(
        epochs=2, epoch_images=1, batch_size=100, dropout=0.0, precision="float32", device="cpu"
    )
    for changed in (recipe, recipe.changed(optimizer="sgd", nesterov=True)):
        together = fit(
            changed,
            tiny_data,
            training=start(changed, tiny_data, seeds=(0, 5)),
            score_each_epoch=False,
        ).model
        assert isinstance(together, Networks)
        for seed, net in zip((0, 5), together.apart(), strict=True):
            alone = fit(changed.changed(seed=seed), tiny_data, score_each_epoch=False).model
            images = tiny_data.test_images
            torch.testing.assert_close(
                predict(net, images), predict(alone, images), rtol=1e-3, atol=1e-3
            )
