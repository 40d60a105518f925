import type { EventRecord } from './event-records.js';
import type { Leaver } from './leavers.js';
import type { RecordedEffect } from './recorded-effects.js';

export interface Evidence {
  /** Requests that were answered with `202`. */
  readonly accepted: readonly { readonly id: string; readonly leaver: Leaver }[];
  /** Requests about these leavers, from our tables. */
  readonly requests: readonly { readonly id: string; readonly status: string }[];
  readonly runs: readonly { readonly id: string; readonly requestId: string; readonly status: string }[];
  readonly effects: readonly RecordedEffect[];
  /** The steps under way at each kill, `<run>/<step>`; once for each kill. */
  readonly underWay: readonly string[];
  /** The topics' records in the order of the log. */
  readonly records: readonly EventRecord[];
  /** How far each key of these requests and runs has come. */
  readonly sequences: readonly { readonly key: string; readonly sequence: number }[];
  /** Whatever is not at rest: unsent rows, records without a reader, dead letters. */
  readonly leftOver: readonly string[];
}

export interface Verdict {
  readonly accepted: number;
  readonly finished: number;
  readonly lost: number;
  readonly duplicated: number;
  readonly repeats: number;
  readonly inFlight: number;
  /** What was repeated: no fault as long as it was under way at a kill. */
  readonly repeated: readonly string[];
  /** Everything that is wrong, a sentence each. */
  readonly complaints: readonly string[];
}

/**
 * Judges a run of chaos. Lost: an accepted request without exactly one completed run, without one of its effects, an event
 * that the log has not, and whatever is not at rest. Duplicated: a second request or run, an effect that happened twice, a
 * repeat of a step that was not under way at any kill, an event out of its key's order.
 */
export function judge(evidence: Evidence): Verdict {
  const runs = judgeRuns(evidence);
  const missing = missingEffects(evidence);
  const { twice, repeats } = judgeRepeats(evidence);
  const order = judgeOrder(evidence.records, evidence.sequences);
  const lost = [...runs.lost, ...missing, ...order.missing, ...evidence.leftOver];
  const duplicated = [...runs.duplicated, ...twice, ...order.disordered];
  const tooMany = repeats.length > evidence.underWay.length ? ['more repeats than effects were under way'] : [];
  return {
    accepted: evidence.accepted.length,
    finished: runs.finished,
    lost: lost.length,
    duplicated: duplicated.length,
    repeats: repeats.length,
    inFlight: evidence.underWay.length,
    repeated: repeats,
    complaints: [
      ...lost.map((text) => `lost: ${text}`),
      ...duplicated.map((text) => `duplicated: ${text}`),
      ...tooMany,
    ],
  };
}

function judgeRuns({ accepted, requests, runs }: Evidence) {
  const known = new Set(accepted.map(({ id }) => id));
  const finished = accepted.filter(({ id }) => {
    const own = runs.filter(({ requestId }) => requestId === id);
    return own.length === 1 && own[0]!.status === 'completed' && isClosed(requests, id);
  });
  const ended = new Set(finished.map(({ id }) => id));
  return {
    finished: finished.length,
    lost: accepted.filter(({ id }) => !ended.has(id)).map(({ id }) => `request ${id} has not exactly one finished run`),
    duplicated: [
      ...requests.filter(({ id }) => !known.has(id)).map(({ id }) => `request ${id}, which no answer named`),
      ...surplus(runs.map(({ requestId }) => requestId)).map((id) => `a further run of request ${id}`),
    ],
  };
}

function isClosed(requests: Evidence['requests'], id: string): boolean {
  return requests.some((request) => request.id === id && request.status === 'closed');
}

/** What a complete off-boarding does to each leaver and is nowhere recorded. */
function missingEffects({ accepted, effects }: Evidence): string[] {
  const seen = new Set(effects.map(({ kind, user, name }) => (isDirectory(kind) ? name : `${kind} ${user}`)));
  return accepted.flatMap(({ leaver: { user, groups } }) =>
    [
      ...['userPassword', 'pwdAccountLockedTime', 'telephoneNumber', 'mobile', 'newDN'].map(
        (name) => `${user} ${name}`,
      ),
      ...groups.map((group) => `${group} member- ${user}`),
      `mail ${user}`,
      `call ${user}`,
    ].filter((name) => !seen.has(name)),
  );
}

function isDirectory(kind: RecordedEffect['kind']): boolean {
  return kind === 'directory' || kind === 'password';
}

/** Blocks write conditionally, so a second write is one too many; a password, a mail and a call may be repeated by a kill. */
function judgeRepeats({ accepted, runs, effects, underWay }: Evidence): { twice: string[]; repeats: string[] } {
  const runOf = new Map(runs.map(({ id, requestId }) => [requestId, id]));
  const runOfUser = new Map(accepted.map(({ id, leaver }) => [leaver.user, runOf.get(id)]));
  const atKill = new Set(underWay);
  const mine = effects.filter(({ user }) => runOfUser.has(user));
  const twice: string[] = [];
  const repeats: string[] = [];
  const seen = new Set<string>();
  for (const { kind, user, name, step } of mine) {
    const run = runOfUser.get(user);
    const ofStep = kind === 'password' ? `${run}/reset_password` : step;
    if (ofStep !== null && !ofStep.startsWith(`${run}/`)) twice.push(`${name}, which belongs to no run of ${user}`);
    else if (!seen.has(name)) seen.add(name);
    else if (ofStep !== null && atKill.has(ofStep)) repeats.push(name);
    else twice.push(name);
  }
  return { twice, repeats };
}

/**
 * The order per key: in each topic sequences only grow, and together the topics have all of them. A record that comes
 * again, because its sender died before it noted the sending, is known by its sequence and passed over, as readers do.
 * Keys of others are left alone.
 */
export function judgeOrder(
  records: Evidence['records'],
  sequences: Evidence['sequences'],
): { disordered: string[]; missing: string[] } {
  const mine = new Set(sequences.map(({ key }) => key));
  const reached = new Map<string, number>();
  const ids = new Map<string, string>();
  const disordered: string[] = [];
  for (const { topic, key, sequence, eventId } of records.filter((record) => mine.has(record.key))) {
    const place = `${key} ${sequence}`;
    const last = reached.get(`${topic} ${key}`) ?? 0;
    const known = ids.get(place);
    if (sequence < last && known === undefined) disordered.push(`${key}: ${sequence} comes after ${last} in ${topic}`);
    if (known !== undefined && known !== eventId) disordered.push(`${key}: two events of sequence ${sequence}`);
    ids.set(place, eventId);
    reached.set(`${topic} ${key}`, Math.max(last, sequence));
  }
  const missing = sequences.flatMap(({ key, sequence }) =>
    Array.from({ length: sequence }, (_, index) => `${key} ${index + 1}`).filter((place) => !ids.has(place)),
  );
  return { disordered, missing: missing.map((place) => `the log has no event ${place}`) };
}

/** The values that come more than once, each as often as it is too many. */
function surplus(values: readonly string[]): string[] {
  const seen = new Set<string>();
  return values.filter((value) => seen.has(value) || !seen.add(value));
}
