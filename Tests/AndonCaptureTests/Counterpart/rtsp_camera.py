"""A network camera: RTSP (RFC 2326) with RTP in the same TCP connection, and Basic authentication.

The picture stream itself is ffmpeg's: its RTP packets come by UDP and go on as they are.

    rtsp_camera.py FFMPEG USER PASSWORD SECONDS

Prints its port, serves one stream after the other, and closes each after SECONDS of playing. Lasts for two minutes.
"""

import base64
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time


def request(stream):
    lines = []
    while line := stream.readline().decode().strip():
        lines.append(line)
    headers = dict(line.lower().split(": ", 1) for line in lines[1:] if ": " in line)
    return (lines[0].split() if lines else None), headers, lines


def play(connection, packets, seconds):
    packets.setblocking(False)
    try:
        while packets.recv(65536):  # What came before anybody looked.
            pass
    except BlockingIOError:
        packets.settimeout(30)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        packet = packets.recv(65536)
        connection.sendall(b"$\0" + len(packet).to_bytes(2, "big") + packet)


def serve(connection, sdp, packets, login, seconds):
    stream = connection.makefile("rb")
    while True:
        line, headers, lines = request(stream)
        if not line:
            return
        words = ["RTSP/1.0 200 OK", f"CSeq: {headers['cseq']}"]
        body = ""
        allowed = f"Authorization: Basic {login}" in lines
        if line[0] != "OPTIONS" and not allowed:
            words = ["RTSP/1.0 401 Unauthorized", words[1], 'WWW-Authenticate: Basic realm="camera"']
        elif line[0] == "OPTIONS":
            words.append("Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN")
        elif line[0] == "DESCRIBE":
            body = sdp
            words += ["Content-Type: application/sdp", f"Content-Length: {len(body)}"]
        elif line[0] == "SETUP":
            words += ["Transport: RTP/AVP/TCP;unicast;interleaved=0-1", "Session: 7"]
        else:
            words.append("Session: 7")
        connection.sendall(("\r\n".join(words) + "\r\n\r\n" + body).encode())
        if line[0] == "PLAY" and allowed:
            play(connection, packets, seconds)
            return


def main():
    ffmpeg, user, password, seconds = sys.argv[1:]
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    login = base64.b64encode(f"{user}:{password}".encode()).decode()
    packets = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    packets.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
    packets.bind(("127.0.0.1", 0))
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(120)
    with tempfile.TemporaryDirectory() as folder:
        sdp_file = os.path.join(folder, "sdp")
        stream = subprocess.Popen(
            [ffmpeg, "-nostdin", "-loglevel", "error", "-re", "-f", "lavfi", "-i", "testsrc=size=320x240:rate=25",
             "-t", "120", "-c:v", "mpeg4", "-g", "5", "-f", "rtp", "-sdp_file", sdp_file,
             f"rtp://127.0.0.1:{packets.getsockname()[1]}?pkt_size=1400"])
        try:
            packets.settimeout(30)
            packets.recv(65536)
            with open(sdp_file) as file:
                lines = [line for line in file.read().splitlines() if not line.startswith("SDP:")]
            sdp = "\r\n".join(lines + ["a=control:streamid=0", ""])
            print(listener.getsockname()[1], flush=True)
            while True:
                connection, _ = listener.accept()
                with connection:
                    try:
                        serve(connection, sdp, packets, login, float(seconds))
                    except OSError:
                        pass
        finally:
            stream.kill()


main()
