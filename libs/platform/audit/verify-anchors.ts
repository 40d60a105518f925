import { anchorPayload } from './audit-hashes.js';
import type { Finding, TenantVerdict, VerifyOptions } from './verify-audit.js';
import type { LinkRow } from './verify-chain.js';

/** The head of a chain at some moment, as it was kept or published. */
export interface GivenAnchor {
  readonly tenant: string;
  readonly seq: number;
  /** Hexadecimal. */
  readonly hash: string;
  readonly signature: string | null;
}

/** Whether one of the known keys signed this; `unknown_key`: a key signed it that is not known here. */
export type SignatureCheck = (payload: Buffer, signature: string) => 'valid' | 'invalid' | 'unknown_key';

/** Compares one tenant's chain with its anchors. */
export class AnchorCheck {
  private readonly open = new Map<number, Set<string>>();
  private readonly counts = { signed: 0, unsigned: 0, unchecked: 0 };
  private newest = 0;

  constructor(
    private readonly tenant: string,
    kept: readonly GivenAnchor[],
    { anchors, check }: VerifyOptions,
    private readonly report: (finding: Omit<Finding, 'tenant'>) => void,
  ) {
    const published = (anchors ?? []).filter((anchor) => anchor.tenant === tenant);
    const genuine = [...kept, ...published].filter((anchor) => this.isGenuine(anchor, check));
    for (const { seq, hash } of genuine) this.open.set(seq, (this.open.get(seq) ?? new Set()).add(hash));
    const keptSeqs = new Set(kept.map(({ seq }) => seq));
    for (const { seq } of published.filter((anchor) => genuine.includes(anchor) && !keptSeqs.has(anchor.seq)))
      report({ kind: 'anchor_removed', seq, entry: null, text: 'the anchor was published and is no longer kept' });
    for (const anchor of kept.filter((one) => genuine.includes(one))) this.count(anchor, check);
    if (check !== null) this.reportStripped(genuine);
  }

  /** Signatures end with nobody's leave: whoever writes a chain anew has no key, and leaves its anchors without. */
  private reportStripped(genuine: readonly GivenAnchor[]): void {
    const signed = genuine.filter(({ signature }) => signature !== null).map(({ seq }) => seq);
    const first = Math.min(...signed);
    const text =
      'an anchor has no signature although older ones have: it was put in by somebody without the key, or signing was switched off';
    for (const { seq, signature } of genuine)
      if (signature === null && seq > first) this.report({ kind: 'anchor_unsigned', seq, entry: null, text });
  }

  take({ seq, hash, entry_id: entry }: LinkRow): void {
    const anchored = this.open.get(seq);
    if (!anchored) return;
    this.open.delete(seq);
    this.newest = seq;
    if ([...anchored].some((one) => one !== hash))
      this.report({
        kind: 'anchor_mismatch',
        seq,
        entry,
        text: 'the chain was written anew: its anchor has another hash',
      });
  }

  /** After the last link. What is anchored and was not met is gone. */
  end(head: TenantVerdict['head']): void {
    const last = head?.seq ?? 0;
    const beyond = [...this.open.keys()].filter((seq) => seq > last);
    if (beyond.length === 0) return;
    const text = `the chain ends at ${last}, an anchor names ${Math.max(...beyond)}: its tail was cut off`;
    this.report({ kind: 'tail_cut_off', seq: last + 1, entry: null, text });
  }

  summary(head: TenantVerdict['head']): TenantVerdict['anchors'] {
    return { ...this.counts, linksSince: (head?.seq ?? 0) - this.newest };
  }

  private isGenuine({ seq, hash, signature }: GivenAnchor, check: VerifyOptions['check']): boolean {
    if (signature === null || check === null) return true;
    const verdict = check(anchorPayload({ tenant: this.tenant, seq, hash }), signature);
    if (verdict === 'valid') return true;
    const text =
      verdict === 'invalid'
        ? 'the anchor’s signature is not genuine'
        : 'the anchor is signed by a key that is not among the given ones';
    this.report({ kind: 'anchor_forged', seq, entry: null, text });
    return false;
  }

  private count({ signature }: GivenAnchor, check: VerifyOptions['check']): void {
    if (signature === null) this.counts.unsigned += 1;
    else if (check === null) this.counts.unchecked += 1;
    else this.counts.signed += 1;
  }
}
