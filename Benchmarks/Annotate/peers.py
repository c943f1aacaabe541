"""What the usual Python annotators take for the same JPEG: decode, five boxes with words, encode at quality 90."""
import io
import os
import resource
import statistics
import sys
import time

path = sys.argv[1]
boxes = [(300, 200, 600, 500), (1500, 400, 300, 250), (2500, 1200, 800, 800), (600, 2100, 300, 250),
         (3400, 2500, 500, 400)]
labels = ["scratch 0.97", "dent 0.91", "edge chip 0.88", "void 0.83", "burr 0.79"]


def measure(name):
    """In a process of its own, for its memory."""
    jpeg = open(path, "rb").read()
    if name == "Pillow":
        from PIL import Image, ImageDraw, ImageFont
        scale = Image.open(io.BytesIO(jpeg)).width / 4000
        font = ImageFont.load_default(48)

        def once():
            image = Image.open(io.BytesIO(jpeg)).convert("RGB")
            draw = ImageDraw.Draw(image)
            for (x, y, w, h), label in zip(boxes, labels):
                draw.rectangle([v * scale for v in (x, y, x + w, y + h)], outline=(255, 0, 0), width=6)
                draw.text((x * scale, y * scale - 60), label, fill=(255, 0, 0), font=font)
            image.save(io.BytesIO(), "JPEG", quality=90)
    else:
        import cv2
        import numpy as np
        cv2.setNumThreads(1)
        raw = np.frombuffer(jpeg, np.uint8)
        scale = cv2.imdecode(raw, cv2.IMREAD_COLOR).shape[1] / 4000
        corners = np.array([(x, y, x + w, y + h) for x, y, w, h in boxes], dtype=float) * scale
        if name == "supervision":
            import supervision as sv
            found = sv.Detections(xyxy=corners, confidence=np.ones(5), class_id=np.arange(5))
            box, words = sv.BoxAnnotator(thickness=6), sv.LabelAnnotator(text_scale=1.4, text_thickness=3)

        def once():
            image = cv2.imdecode(raw, cv2.IMREAD_COLOR)
            if name == "supervision":
                image = words.annotate(box.annotate(image, found), found, labels=labels)
            else:
                for (x, y, right, bottom), label in zip(corners.astype(int), labels):
                    cv2.rectangle(image, (int(x), int(y)), (int(right), int(bottom)), (0, 0, 255), 6)
                    cv2.putText(image, label, (int(x), int(y) - 10), cv2.FONT_HERSHEY_SIMPLEX, 1.4, (0, 0, 255), 3)
            cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 90])

    times = []
    for _ in range(7):
        start = time.perf_counter()
        once()
        times.append((time.perf_counter() - start) * 1000)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{os.path.basename(path)}, {name}: {statistics.median(times):.1f} ({min(times):.1f}) ms, {peak:.0f} MiB",
          flush=True)


for name in ["opencv", "supervision", "Pillow"]:
    if os.fork() == 0:
        measure(name)
        os._exit(0)
    os.wait()
