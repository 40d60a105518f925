import {
  verifyAudit,
  type Finding,
  type GivenAnchor,
  type SignatureCheck,
  type TenantVerdict,
} from '#libs/platform/audit';
import type { Database } from '#libs/platform/database';

export const INTACT = 0;
export const TAMPERED = 1;
export const CANNOT_SAY = 2;

export interface VerifyWish {
  readonly tenant: string | undefined;
  /** Those read from Kafka; null: it was not asked. */
  readonly anchors: readonly GivenAnchor[] | null;
  readonly check: SignatureCheck | null;
}

const SHOWN = 20;

/** Verifies and tells of it, tenant by tenant; the last line is JSON. Gives the exit code. */
export async function verifyCommand(
  database: Database,
  { tenant, anchors, check }: VerifyWish,
  say: (line: string) => void,
): Promise<number> {
  const onProgress = (id: string, seq: number): void => say(`  … ${id}: ${seq} links`);
  const verdicts: TenantVerdict[] = [];
  for await (const verdict of verifyAudit(database, { tenant, anchors: anchors ?? [], check, onProgress })) {
    verdicts.push(verdict);
    if (verdict.chained + verdict.notYetChained.entries + verdict.findings.length > 0) tell(verdict, say);
  }
  const notes = [
    ...(anchors === null
      ? [
          'Anchors were not read from Kafka: a chain written anew with all of its anchors would not show, so it cannot be said whether it is intact.',
        ]
      : []),
    ...(check === null
      ? ['No keys were given (--keys, STELLWERK_SIGNING_KEY_FILE): signatures were not checked.']
      : []),
  ];
  for (const note of notes) say(`note: ${note}`);
  const unsigned = check === null ? [] : verdicts.filter(isUnsigned).map((verdict) => verdict.tenant);
  if (unsigned.length > 0)
    say(`note: no anchor of ${unsigned.join(', ')} is signed: whoever writes the chain anew can write those, too.`);
  const code = exitCode(verdicts) || (anchors === null || unsigned.length > 0 ? CANNOT_SAY : INTACT);
  const intact = code === CANNOT_SAY ? null : code === INTACT;
  say(JSON.stringify({ intact, publishedAnchors: anchors?.length ?? null, notes, tenants: verdicts }));
  return code;
}

/** What an erasure left before its own entry is chained is neither proven nor refuted. */
function exitCode(verdicts: readonly TenantVerdict[]): number {
  const findings = verdicts.flatMap((verdict) => verdict.findings.map((finding) => isOpen(finding, verdict)));
  if (findings.some((open) => !open)) return TAMPERED;
  return findings.length > 0 ? CANNOT_SAY : INTACT;
}

/** There are anchors, and none of them proves anything. */
function isUnsigned({ anchors }: TenantVerdict): boolean {
  return anchors.signed === 0 && anchors.unsigned > 0;
}

function isOpen({ kind }: Finding, { notYetChained }: TenantVerdict): boolean {
  return kind === 'erased_without_record' && notYetChained.erasures > 0;
}

function tell(verdict: TenantVerdict, say: (line: string) => void): void {
  const { tenant, findings, chained, head, notYetChained, anchors, erased, late } = verdict;
  const sign = findings.length === 0 ? '✔' : '✘';
  say(`${sign} ${tenant}: ${chained} chained${head ? `, head ${head.seq} ${head.hash.slice(0, 16)}…` : ''}`);
  for (const finding of findings.slice(0, SHOWN)) say(`  ✘ ${describe(finding)}`);
  if (findings.length > SHOWN) say(`  ✘ and ${findings.length - SHOWN} more`);
  if (notYetChained.entries > 0)
    say(`  ${notYetChained.entries} not chained yet, the oldest of ${notYetChained.oldest?.toISOString() ?? '?'}`);
  if (notYetChained.erasures > 0) say('  an erasure is not chained yet: verify again in a moment');
  const { signed, unsigned, unchecked, linksSince } = anchors;
  say(
    `  anchors: ${signed} signed, ${unsigned} UNSIGNED, ${unchecked} not checked; ${linksSince} links since the last`,
  );
  for (const { by, entries } of erased) say(`  ${entries} entries were replaced by erasures that ${by} ordered`);
  if (late > 0) say(`  ${late} were chained more than an hour after their time`);
}

function describe({ kind, seq, entry, text }: Finding): string {
  const place = [...(seq === null ? [] : [`link ${seq}`]), ...(entry === null ? [] : [`entry ${entry}`])].join(', ');
  return `${kind}${place === '' ? '' : ` at ${place}`}: ${text}`;
}
