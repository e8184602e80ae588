import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';

import fc from 'fast-check';

import { consistencyProof, inclusionProof, verifyConsistency, verifyInclusion } from './merkle-proofs.ts';
import { emptyRoot, leafHash, nodeHash, rootOf } from './merkle.ts';
import { appendLeaf, edgeRoot, emptyEdge } from './tile-edge.ts';
import { subtreeReader } from './tile-reader.ts';

// Source of leaves, roots and proofs: the Certificate Transparency test tree (transparency-dev/merkle, testonly; Apache-2.0).
const LEAVES = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'].map(
  (hex) => Buffer.from(hex, 'hex'),
);
const ROOTS = [
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];
const INCLUSION: [number, number, string[]][] = [
  [0, 1, []],
  [2, 3, ['fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125']],
  [1, 5, [
    '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
    '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
    'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
  ]],
  [5, 8, [
    'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
    'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
    'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  ]],
]; // prettier-ignore
const CONSISTENCY: [number, number, string[]][] = [
  [1, 1, []],
  [2, 5, [
    '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
    'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
  ]],
  [6, 8, [
    '0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a',
    'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
    'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  ]],
]; // prettier-ignore

/** The slow readable twin: RFC 6962 §2.1 as it is written. */
function slowRoot(entries: readonly Uint8Array[]): Buffer {
  const sha = (...parts: Uint8Array[]) => createHash('sha256').update(Buffer.concat(parts)).digest();
  if (entries.length === 0) return sha();
  if (entries.length === 1) return sha(Buffer.from([0]), entries[0] as Uint8Array);
  let k = 1;
  while (k * 2 < entries.length) k *= 2;
  return sha(Buffer.from([1]), slowRoot(entries.slice(0, k)), slowRoot(entries.slice(k)));
}

const slowSubtree = (entries: readonly Uint8Array[]) => async (start: number, end: number) =>
  slowRoot(entries.slice(start, end));
const hex = (hashes: readonly Uint8Array[]) => hashes.map((hash) => Buffer.from(hash).toString('hex'));
const numbered = (n: number) => Array.from({ length: n }, (_, i) => Buffer.from(`entry ${i}`));

/** A tree built leaf by leaf, with the tiles a server would keep. */
function tiled(entries: readonly Uint8Array[]) {
  const edge = emptyEdge();
  const tiles = new Map<string, Buffer>();
  for (const entry of entries) {
    appendLeaf(edge, leafHash(entry), (tile) => tiles.set(`${tile.level}/${tile.index}`, Buffer.concat(tile.hashes)));
  }
  const subtree = subtreeReader(edge.size, async ({ level, index, width }) => {
    const full = tiles.get(`${level}/${index}`);
    return full ?? Buffer.concat((edge.levels[level] as Uint8Array[]).slice(0, width));
  });
  return { root: edgeRoot(edge), subtree };
}

test('the roots of the public test tree come out', () => {
  assert.equal(emptyRoot().toString('hex'), 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
  ROOTS.forEach((root, i) => {
    const entries = LEAVES.slice(0, i + 1);

    assert.equal(rootOf(entries.map(leafHash)).toString('hex'), root);
    assert.equal(tiled(entries).root.toString('hex'), root);
    assert.equal(slowRoot(entries).toString('hex'), root);
  });
});

test('the proofs of the public test tree come out, and verify', async () => {
  for (const [index, size, proof] of INCLUSION) {
    const entries = LEAVES.slice(0, size);
    assert.deepEqual(hex(await inclusionProof(index, size, tiled(entries).subtree)), proof);
    const hashes = proof.map((each) => Buffer.from(each, 'hex'));
    assert.ok(verifyInclusion(leafHash(LEAVES[index] as Buffer), index, size, slowRoot(entries), hashes));
  }
  for (const [old, size, proof] of CONSISTENCY) {
    const entries = LEAVES.slice(0, size);
    assert.deepEqual(hex(await consistencyProof(old, size, tiled(entries).subtree)), proof);
    const hashes = proof.map((each) => Buffer.from(each, 'hex'));
    assert.ok(verifyConsistency(old, slowRoot(LEAVES.slice(0, old)), size, slowRoot(entries), hashes));
  }
});

test('trees over several tiles have the root and the proofs of the slow twin', async () => {
  for (const size of [255, 256, 257, 511, 512, 700, 65_536 + 300]) {
    const entries = numbered(size);
    const tree = tiled(entries);
    assert.deepEqual(tree.root, size > 1000 ? rootOf(entries.map(leafHash)) : slowRoot(entries));
    for (const index of [0, 1, 254, Math.floor(size / 2), size - 1]) {
      const proof = await inclusionProof(index, size, tree.subtree);
      assert.ok(
        verifyInclusion(leafHash(entries[index] as Buffer), index, size, tree.root, proof),
        `${index} of ${size}`,
      );
    }
    for (const old of [1, 128, 255, Math.floor(size / 3), size - 1, size]) {
      const proof = await consistencyProof(old, size, tree.subtree);
      assert.ok(
        verifyConsistency(old, rootOf(entries.slice(0, old).map(leafHash)), size, tree.root, proof),
        `${old} of ${size}`,
      );
    }
  }
});

test('all proofs of every small tree verify, for the right index and size alone', async () => {
  for (let size = 1; size <= 20; size++) {
    const entries = numbered(size);
    const root = slowRoot(entries);
    for (let index = 0; index < size; index++) {
      const proof = await inclusionProof(index, size, slowSubtree(entries));
      const leaf = leafHash(entries[index] as Buffer);
      assert.ok(verifyInclusion(leaf, index, size, root, proof));
      for (let other = 0; other < size + 1; other++) {
        if (other !== index) assert.ok(!verifyInclusion(leaf, other, size, root, proof), `${index} as ${other}`);
      }
      assert.ok(!verifyInclusion(leaf, index, size, root, [...proof, root]));
      if (proof.length > 0) assert.ok(!verifyInclusion(leaf, index, size, root, proof.slice(1)));
    }
    for (let old = 0; old <= size; old++) {
      const proof = await consistencyProof(old, size, slowSubtree(entries));
      assert.ok(verifyConsistency(old, slowRoot(entries.slice(0, old)), size, root, proof), `${old} of ${size}`);
      if (proof.length > 0)
        assert.ok(!verifyConsistency(old, slowRoot(entries.slice(0, old)), size, root, proof.slice(1)));
      if (old > 0) assert.ok(!verifyConsistency(old, nodeHash(root, root), size, root, proof));
    }
  }
});

test('any flipped bit of a leaf, a root or a proof is refused', async () => {
  const flip = (bytes: Uint8Array, bit: number) => {
    const flipped = Buffer.from(bytes);
    flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7));
    return flipped;
  };
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 2, max: 600 }), fc.nat(), fc.nat(), fc.integer({ min: 0, max: 255 }), fc.nat(),
      async (size, indexSeed, oldSeed, bit, which) => {
        const entries = numbered(size);
        const [index, old] = [indexSeed % size, 1 + (oldSeed % (size - 1))];
        const tree = tiled(entries);
        const leaf = leafHash(entries[index] as Buffer);
        const proof = await inclusionProof(index, size, tree.subtree);
        const path = await consistencyProof(old, size, tree.subtree);
        const oldRoot = rootOf(entries.slice(0, old).map(leafHash));
        const flippedIn = (hashes: readonly Uint8Array[]) => hashes.map((hash, i) => (i === which % hashes.length ? flip(hash, bit) : hash));

        assert.ok(verifyInclusion(leaf, index, size, tree.root, proof));
        assert.ok(verifyConsistency(old, oldRoot, size, tree.root, path));
        assert.ok(!verifyInclusion(flip(leaf, bit), index, size, tree.root, proof));
        assert.ok(!verifyInclusion(leaf, index, size, flip(tree.root, bit), proof));
        assert.ok(!verifyInclusion(leaf, index, size, tree.root, flippedIn(proof)));
        assert.ok(!verifyConsistency(old, flip(oldRoot, bit), size, tree.root, path));
        assert.ok(!verifyConsistency(old, oldRoot, size, flip(tree.root, bit), path));
        assert.ok(!verifyConsistency(old, oldRoot, size, tree.root, flippedIn(path)));
      },
    ),
    { numRuns: 40 },
  ); // prettier-ignore
});
