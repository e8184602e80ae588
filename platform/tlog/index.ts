/** Transparency logs as C2SP describes them: Merkle trees in tiles, notes, cosignatures, policies, proofs. Needs nothing but node:crypto. */
export { checkpointText, parseCheckpoint, parseSize, type Checkpoint } from './checkpoint.ts';
export { signatureLine } from './cosignature.ts';
export { judgeNote, type Verdict } from './judge.ts';
export { HASH_BYTES, leafHash, rootOf } from './merkle.ts';
export {
  consistencyProof,
  inclusionProof,
  PROOF_LIMIT,
  verifyConsistency,
  verifyInclusion,
  type SubtreeHash,
} from './merkle-proofs.ts';
export { addLines, isBy, openNote, parseLines, signNote, splitNote, type OpenedNote } from './note.ts';
export { isMet, parsePolicy, PolicyError, type Policy, type PolicyLog, type PolicyWitness } from './policy.ts';
export { appendLeaf, edgeRoot, emptyEdge, type FullTile, type TileEdge } from './tile-edge.ts';
export { subtreeReader } from './tile-reader.ts';
export {
  decodeBundle,
  encodeBundle,
  parseTileIndex,
  partialTiles,
  TILE_WIDTH,
  tileHashes,
  tilePath,
  tileWidth,
} from './tiles.ts';
export { formatProof, parseProof, provesEntry, type TlogProof } from './tlog-proof.ts';
export {
  COSIGNATURE_ED25519,
  COSIGNATURE_ML_DSA_44,
  formatVerifierKey,
  isKeyName,
  ML_DSA_44_SEED_BYTES,
  mlDsa44FromSeed,
  NOTE_ED25519,
  noteKeyOf,
  parseVerifierKey,
  parseVerifierKeys,
  type NoteKey,
  type NoteSigner,
} from './vkey.ts';
