import { contentHash, entryHash, FIRST_PREVIOUS, linkHash } from './audit-hashes.js';
import { toChainable, type HashedRow } from './entry-rows.js';
import type { Finding } from './verify-audit.js';

/** A link with its entry, whose columns are null when it is gone. */
export type LinkRow = {
  readonly seq: number;
  readonly entry_id: string;
  readonly content_hash: string;
  readonly entry_hash: string;
  readonly hash: string;
  readonly chained_at: Date;
  readonly erased_by: string | null;
} & ({ readonly id: null } | HashedRow);

const LATE_MS = 3_600_000;

/** Follows one tenant's chain, link by link. */
export class ChainCheck {
  chained = 0;
  late = 0;
  head: { readonly seq: number; readonly hash: string } | null = null;

  constructor(
    private readonly tenant: string,
    /** The digest that the last chained erasure left, by entry. */
    private readonly erasures: ReadonlyMap<string, string>,
    private readonly report: (finding: Omit<Finding, 'tenant'>) => void,
  ) {}

  take(row: LinkRow): void {
    this.chained += 1;
    this.checkEntry(row);
    this.checkLink(row);
    this.head = { seq: row.seq, hash: row.hash };
  }

  private checkEntry(row: LinkRow): void {
    const place = { seq: row.seq, entry: row.entry_id };
    if (row.id === null) {
      this.report({ kind: 'entry_removed', ...place, text: 'the entry is gone, its link is there' });
      return;
    }
    const entry = toChainable(row);
    const erasedTo = this.erasures.get(row.id);
    if (row.erased_by !== null && erasedTo === undefined) {
      this.report({ kind: 'erased_without_record', ...place, text: 'was erased, and no chained erasure names it' });
      return;
    }
    const isContentKept = contentHash(entry) === (erasedTo ?? row.content_hash);
    if (!isContentKept || entryHash(entry, row.content_hash) !== row.entry_hash)
      this.report({ kind: 'entry_changed', ...place, text: 'is not what was chained: changed, or moved here' });
    if (row.chained_at.getTime() - row.at.getTime() > LATE_MS) this.late += 1;
  }

  private checkLink(row: LinkRow): void {
    const expected = (this.head?.seq ?? 0) + 1;
    const place = { seq: row.seq, entry: row.entry_id };
    if (row.seq !== expected) {
      const text = `links ${expected} to ${row.seq - 1} are gone`;
      this.report({ kind: 'chain_gap', ...place, text });
      return;
    }
    const previous = this.head?.hash ?? FIRST_PREVIOUS;
    const link = { tenant: this.tenant, seq: row.seq, previous, entry: row.entry_hash, chainedAt: row.chained_at };
    if (linkHash(link) !== row.hash)
      this.report({ kind: 'chain_broken', ...place, text: 'the link does not follow from the one before it' });
  }
}
