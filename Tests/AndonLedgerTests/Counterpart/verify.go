// Verifies a folder of tiles, and proof files, with golang.org/x/mod/sumdb alone: nothing of this project's code.
//
//	verify FOLDER VKEY [PROOF...]
package main

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func check(err error) {
	if err != nil {
		fmt.Println("NOT RIGHT:", err)
		os.Exit(1)
	}
}

// The paths of sumdb have the tile's height before its level.
func path(t tlog.Tile) string { return "tile/" + strings.TrimPrefix(t.Path(), "tile/8/") }

type folder string

func (f folder) Height() int { return 8 }

func (f folder) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, t := range tiles {
		data, err := os.ReadFile(filepath.Join(string(f), path(t)))
		if err != nil {
			return nil, err
		}
		all = append(all, data)
	}
	return all, nil
}

func (f folder) SaveTiles(tiles []tlog.Tile, data [][]byte) {}

func tree(signed []byte, vkey string) tlog.Tree {
	verifier, err := note.NewVerifier(vkey)
	check(err)
	opened, err := note.Open(signed, note.VerifierList(verifier))
	check(err)
	lines := strings.Split(opened.Text, "\n")
	size, err := strconv.ParseInt(lines[1], 10, 64)
	check(err)
	hash, err := tlog.ParseHash(lines[2])
	check(err)
	return tlog.Tree{N: size, Hash: hash}
}

func entries(f folder, size int64) [][]byte {
	var all [][]byte
	for start := int64(0); start < size; start += 256 {
		width := size - start
		if width > 256 {
			width = 256
		}
		name := strings.Replace(path(tlog.Tile{H: 8, L: 0, N: start / 256, W: int(width)}), "tile/0/", "tile/entries/", 1)
		data, err := os.ReadFile(filepath.Join(string(f), name))
		check(err)
		for len(data) > 0 {
			length := int(binary.BigEndian.Uint16(data))
			all = append(all, data[2:2+length])
			data = data[2+length:]
		}
	}
	return all
}

func main() {
	f := folder(os.Args[1])
	signed, err := os.ReadFile(filepath.Join(string(f), "checkpoint"))
	check(err)
	head := tree(signed, os.Args[2])
	reader := tlog.TileHashReader(head, f)
	all := entries(f, head.N)
	if int64(len(all)) != head.N {
		check(fmt.Errorf("%d entries in place of %d", len(all), head.N))
	}
	for index, entry := range all {
		leaf := tlog.RecordHash(entry)
		proof, err := tlog.ProveRecord(head.N, int64(index), reader)
		check(err)
		check(tlog.CheckRecord(proof, head.N, head.Hash, int64(index), leaf))
	}
	for old := int64(1); old < head.N; old += 1 + head.N/50 {
		hash, err := tlog.TreeHash(old, reader)
		check(err)
		proof, err := tlog.ProveTree(head.N, old, reader)
		check(err)
		check(tlog.CheckTree(proof, head.N, head.Hash, old, hash))
	}
	for _, name := range os.Args[3:] {
		checkProof(name, os.Args[2])
	}
	fmt.Printf("right: %d entries, %d proofs\n", head.N, len(os.Args)-3)
}

func checkProof(name, vkey string) {
	text, err := os.ReadFile(name)
	check(err)
	gap := strings.Index(string(text), "\n\n")
	lines := strings.Split(string(text[:gap]), "\n")
	head := tree(text[gap+2:], vkey)
	entry, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(lines[1], "extra "))
	check(err)
	index, err := strconv.ParseInt(strings.TrimPrefix(lines[2], "index "), 10, 64)
	check(err)
	var proof tlog.RecordProof
	for _, line := range lines[3:] {
		hash, err := tlog.ParseHash(line)
		check(err)
		proof = append(proof, hash)
	}
	check(tlog.CheckRecord(proof, head.N, head.Hash, index, tlog.RecordHash(entry)))
}
