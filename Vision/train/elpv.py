"""Trains a classifier of solar cells on ELPV and writes it as a model that Andon loads. README.md says what and why."""
import argparse
import json
import pathlib
import platform

import numpy as np
import torch
from PIL import Image

import cards
import exchange
import figures
import network as networks
from pictures import SIDE, Cells

SEED = 20261126
LICENCE = "CC-BY-NC-SA-4.0"
TRAINED_ON = (
    "ELPV (elpv-dataset 1.0.0.post1 of PyPI; Deitsch et al., Solar Energy 185 (2019) 455-468; Buerhop-Lutz et al., "
    "EU PVSEC 2018; Deitsch et al., Machine Vision and Applications 32 (2021)), pictures CC BY-NC-SA 4.0; "
    "trunk EfficientNet-Lite0 with ImageNet weights, Apache-2.0")
THRESHOLDS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95)


def train(options, cells, inputs, split, out):
    """- Returns: the network with its best weights, and the record of the training."""
    torch.manual_seed(options.seed)
    network = networks.Grey()
    targets = torch.from_numpy(cells.probability).float()
    start = cards.clock()
    record = {"quick": options.quick, "batch": exchange.BATCH}
    if options.quick:
        networks.train_head(network, inputs[split["train"]], targets[split["train"]])
    else:
        best = out / "best.pt"
        record["epochs"] = networks.train_all(
            network, *((inputs[split[part]], targets[split[part]]) for part in ("train", "val")), options.epochs,
            torch.Generator().manual_seed(options.seed), lambda state: torch.save(state, best))
        network.load_state_dict(torch.load(best, weights_only=True))
        best.unlink()
    return network, record | cards.since(start)


def measure(cells, split, probability):
    """Calibrates on the validation part and measures on the test part.

    `probability` is the exported file's, by part.
    """
    a, b = figures.fit_platt(probability["val"], cells.defective[split["val"]])
    test, raw = split["test"], probability["test"]
    positive, sure = cells.defective[test], np.isin(cells.probability[test], (0, 1))
    confidence = figures.calibrated(raw, a, b)
    return {
        "calibration": {"method": "platt", "a": a, "b": b, "n": len(split["val"])},
        "test": {
            "calibrated": figures.accuracy(confidence, positive), "raw": figures.accuracy(raw, positive),
            "mono": figures.accuracy(confidence[cells.kind[test] == "mono"], positive[cells.kind[test] == "mono"]),
            "poly": figures.accuracy(confidence[cells.kind[test] == "poly"], positive[cells.kind[test] == "poly"]),
            "sureLabels": figures.accuracy(confidence[sure], positive[sure]),
            "auc": figures.area_under_curve(raw, positive),
            "aucSureLabels": figures.area_under_curve(raw[sure], positive[sure]),
            "eceBefore": figures.expected_error(raw, positive),
            "eceAfter": figures.expected_error(confidence, positive),
            "brierBefore": float(np.mean((raw - positive) ** 2)),
            "brierAfter": float(np.mean((confidence - positive) ** 2)),
            "allGood": float(np.mean(~positive)),
            "thresholds": [figures.threshold_row(confidence, positive, threshold) for threshold in THRESHOLDS],
        },
    }


def write_test(cells, test, folder):
    """The test pictures as a camera would send them, and what the experts said of each."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = ["file,probability,type,defective"]
    for cell in test:
        name = f"cell{cell + 1:04d}.png"
        Image.fromarray(cells.pictures[cell]).save(folder / name)
        rows.append(f"{name},{cells.probability[cell]:.4f},{cells.kind[cell]},{int(cells.defective[cell])}")
    (folder / "labels.csv").write_text("\n".join(rows) + "\n")


def write_card(file, results):
    test = results["test"]
    cards.write_card(
        file, "elpv-cells", task="classification", opset=exchange.OPSET, licence=LICENCE, trainedOn=TRAINED_ON,
        commercialUse=False,
        input={"name": "image", "layout": "NCHW", "width": SIDE, "height": SIDE, "colour": "grey", "resize": "stretch"},
        outputs={"probabilities": "probability"}, classes=["good", "defective"], goodClass="good", threshold=0.5,
        calibration={key: results["calibration"][key] for key in ("method", "a", "b")},
        metrics=cards.rounded({
            "accuracy": test["calibrated"]["accuracy"], "accuracyInterval95": test["calibrated"]["interval95"],
            "auc": test["auc"], "eceBefore": test["eceBefore"], "eceAfter": test["eceAfter"],
            "thresholds": test["thresholds"], "split": results["split"], "seed": results["seed"],
            "quick": results["training"]["quick"], "torch": results["versions"]["torch"],
            "trainingSeconds": results["training"]["wallSeconds"],
            "trainingCPUSeconds": results["training"]["cpuSeconds"],
        }))


def report(results):
    test = results["test"]
    low, high = test["calibrated"]["interval95"]
    print(f"test: accuracy {test['calibrated']['accuracy']:.2%} (95 %: {low:.1%} to {high:.1%}), uncalibrated "
          f"{test['raw']['accuracy']:.2%}, mono {test['mono']['accuracy']:.2%}, poly {test['poly']['accuracy']:.2%}, "
          f"sure labels {test['sureLabels']['accuracy']:.2%}, AUC {test['auc']:.4f}, "
          f"always \"good\" {test['allGood']:.2%}")
    print(f"calibration: ECE {test['eceBefore']:.4f} -> {test['eceAfter']:.4f}, "
          f"Brier {test['brierBefore']:.4f} -> {test['brierAfter']:.4f}")
    for row in test["thresholds"]:
        precision = "-" if row["precision"] is None else f"{row['precision']:.3f}"
        print(f"  from {row['threshold']:.2f}: precision {precision}, recall {row['recall']:.3f}, "
              f"false alarms {row['falseAlarms']:.2%} of the good")
    print(f"ONNX Runtime beside torch: largest difference {results['largestDifference']:.2e} "
          f"on {test['raw']['n']} pictures")
    print(f"training: {results['training']['wallSeconds']:.0f} s, {results['training']['cpuSeconds']:.0f} s of CPU")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("data/elpv-model"), metavar="FOLDER")
    parser.add_argument("--quick", action="store_true", help="fits the last layer alone, for a first look")
    parser.add_argument("--epochs", type=int, default=6, help="of the whole training (default 6)")
    parser.add_argument("--threads", type=int, default=2, help="of the computation (default 2)")
    parser.add_argument("--seed", type=int, default=SEED, help=f"of split, weights and augmentation (default {SEED})")
    options = parser.parse_args()
    if options.epochs < 1 or options.threads < 1:
        parser.error("--epochs and --threads start at 1")
    torch.set_num_threads(options.threads)
    options.out.mkdir(parents=True, exist_ok=True)

    cells = Cells()
    inputs, split = cells.inputs(), cells.split(options.seed)
    sizes = {part: len(some) for part, some in split.items()}
    print(f"seed {options.seed}; cells: {sizes}", flush=True)
    network, training = train(options, cells, inputs, split, options.out)

    file = options.out / "elpv.onnx"
    exchange.export(network, SIDE, "probability", file)
    probability = {part: exchange.run_file(file, inputs[split[part]], options.threads)[:, 0].astype(np.float64)
                   for part in ("val", "test")}
    bare = exchange.run_torch(exchange.Probability(network), inputs[split["test"]])[:, 0].double().numpy()
    results = {
        "seed": options.seed, "split": sizes, "training": training,
        **measure(cells, split, probability),
        "largestDifference": float(np.abs(bare - probability["test"]).max()),
        "versions": {"python": platform.python_version(), "torch": torch.__version__,
                     "onnxruntime": exchange.onnxruntime.__version__, "numpy": np.__version__},
    }
    (options.out / "results.json").write_text(json.dumps(cards.rounded(results), indent=1) + "\n")
    write_card(file, results)
    write_test(cells, split["test"], options.out / "test")
    report(results)


if __name__ == "__main__":
    main()
