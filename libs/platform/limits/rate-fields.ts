import type { RateEntry } from './entries.js';

/**
 * The fields of draft-ietf-httpapi-ratelimit-headers-10: every limit that a call counts against as a policy (`q` calls in
 * one go, refilled within `w` seconds), and of the one that is nearest to its end how many are left (`r`) and in how many
 * seconds it is full again (`t`). What is left is an estimate: other instances spend from the same bucket.
 */
export function rateFields(entries: readonly RateEntry[]): Record<string, string> {
  let nearest = entries[0]!;
  let share = Infinity;
  let policy = '';
  for (const entry of entries) {
    const { currentLimit, remaining } = entry.tokens;
    const left = remaining / currentLimit.most;
    if (left < share) [nearest, share] = [entry, left];
    const seconds = Math.max(1, Math.ceil(currentLimit.most / currentLimit.perSecond));
    policy += `${policy === '' ? '' : ', '}"${entry.key.name}";q=${currentLimit.most};w=${seconds}`;
  }
  const { currentLimit, remaining } = nearest.tokens;
  const r = Math.min(currentLimit.most, remaining);
  const t = Math.ceil((currentLimit.most - r) / currentLimit.perSecond);
  return { 'ratelimit-policy': policy, ratelimit: `"${nearest.key.name}";r=${r};t=${t}` };
}
