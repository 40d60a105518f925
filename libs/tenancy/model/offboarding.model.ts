import { canonicalJson, type Json } from '#libs/kernel';
import { DATA_MAP } from './data-map/data-map.js';

/** How long the customer's administrator may fetch the handover after the last day, unless it is said. */
export const FETCH_DAYS = 30;
/** How long the data is kept after our access was proven gone, unless it is said. */
export const RETENTION_DAYS = 90;

/** What became of a probe of our access. */
export type AccessState =
  'to_prove' | 'gone' | 'still_open' | 'unknown' | 'unproven' | 'confirmed' | 'none' | 'closed_here';

/** States in which an entry of the access list keeps the off-boarding from going on. */
export const OPEN_ACCESS: readonly AccessState[] = ['to_prove', 'still_open', 'unknown', 'unproven'];

/** States that only a person's word gets out of, where no proof does. */
export const NEEDS_A_WORD: readonly AccessState[] = ['unknown', 'unproven'];

/** A credential as it was tried, or as it last let us in: which version of the secret, which account where. */
export interface Credential {
  readonly versionId: string | null;
  readonly place: string | null;
}

/** Why a refusal proves nothing. */
export type Unproven = 'access.no_version' | 'access.never_let_in' | 'access.changed_since';

/**
 * What a refused sign-in proves: that our access is gone, where the very same credential let us in before; else nothing. A wrong
 * secret, another account or another server refuse as well.
 */
export function judgeRefusal(
  tried: Credential,
  worked: (Credential & { readonly at: Date }) | null,
):
  | { readonly state: 'gone'; readonly evidence: { readonly letUsInAt: string } }
  | {
      readonly state: 'unproven';
      readonly evidence: { readonly because: Unproven; readonly letUsInAt: string | null };
    } {
  const letUsInAt = worked?.at.toISOString() ?? null;
  const unproven = (because: Unproven) => ({ state: 'unproven', evidence: { because, letUsInAt } }) as const;
  if (tried.versionId === null) return unproven('access.no_version');
  if (letUsInAt === null) return unproven('access.never_let_in');
  const isSame = tried.versionId === worked?.versionId && tried.place === worked.place;
  return isSame ? { state: 'gone', evidence: { letUsInAt } } : unproven('access.changed_since');
}

/** Why an entry is unproven; undefined: it is not. */
export function whyUnproven({ state, evidence }: Pick<AccessEntry, 'state' | 'evidence'>): Unproven | undefined {
  if (state !== 'unproven' || typeof evidence !== 'object' || evidence === null || !('because' in evidence)) return;
  return evidence['because'] as Unproven;
}

/** What we held at one place of a customer's. */
export interface HeldAccess {
  readonly entry: string;
  readonly kind: string;
  readonly host: string | null;
  readonly account: string | null;
  readonly secretRef: string | null;
  readonly state: AccessState;
}

/** A customer's system as it is configured. */
export interface ConfiguredSystem {
  readonly name: string;
  readonly kind: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly secretRef: string | null;
}

/**
 * What we hold of a customer: each system with its account, secrets that no system uses, and receivers of webhooks, where we
 * hold nothing but are told to call. What can be tried by signing in is `to_prove`; for the rest a person has to answer.
 */
export function heldAccess(
  systems: readonly ConfiguredSystem[],
  secretNames: readonly string[],
  webhookUrls: readonly { readonly id: string; readonly url: string }[],
): HeldAccess[] {
  const used = new Set(systems.flatMap(({ secretRef }) => (secretRef === null ? [] : [secretRef])));
  return [
    ...systems.map(ofSystem),
    ...secretNames
      .filter((name) => !used.has(`secret://${name}`))
      .map((name) => ({
        ...{ entry: `secret/${name}`, kind: 'secret', host: null, account: null },
        ...{ secretRef: `secret://${name}`, state: 'unknown' as const },
      })),
    ...webhookUrls.map(({ id, url }) => ({
      ...{ entry: `webhook/${id}`, kind: 'webhook', host: hostOf(url), account: null },
      ...{ secretRef: null, state: 'closed_here' as const },
    })),
  ];
}

function ofSystem({ name, kind, config, secretRef }: ConfiguredSystem): HeldAccess {
  const text = (field: string): string | null => (typeof config[field] === 'string' ? config[field] : null);
  const origins = Array.isArray(config['origins']) ? config['origins'].join(', ') : null;
  return {
    ...{ entry: `system/${name}`, kind, secretRef },
    host: text('url') ?? text('host') ?? origins,
    account: text('bindDn') ?? text('user'),
    state: secretRef === null ? 'none' : 'to_prove',
  };
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : url;
}

/** An entry of the list as it is told of. */
export interface AccessEntry extends HeldAccess {
  readonly evidence: Json;
  readonly probes: number;
  readonly probedAt: string | null;
  readonly confirmedBy: string | null;
  readonly confirmedAt: string | null;
  readonly confirmReason: string | null;
  readonly destroyedAt: string | null;
}

/** The list as a document: the same facts give the same bytes, which are signed. */
export function accessDocument(about: {
  readonly tenant: string;
  readonly name: string;
  readonly timeZone: string;
  readonly offboarding: string;
  readonly lastDay: string;
  readonly closedAt: string | null;
  readonly closed: Json;
  readonly completeAt: string | null;
  readonly entries: readonly AccessEntry[];
}): string {
  const { entries, ...rest } = about;
  const listed = entries.map((one) => ({ ...one, how: howOf(one) }));
  return `${canonicalJson({ format: 'stellwerk-access-list/1', ...rest, entries: listed } as unknown as Json)}\n`;
}

const WHY_UNPROVEN: Readonly<Record<Unproven, string>> = {
  'access.no_version': 'nothing is kept of whether these credentials ever let us in',
  'access.never_let_in': 'these credentials never let us in',
  'access.changed_since': 'these credentials were changed after they last let us in',
};

/** In words that cannot be taken for more than is known. */
export function howOf(entry: Pick<AccessEntry, 'state' | 'confirmedBy' | 'evidence'>): string {
  const { state, confirmedBy } = entry;
  switch (state) {
    case 'gone':
      return 'proven: the system refused the sign-in that it let in before';
    case 'confirmed':
      return `confirmed by ${confirmedBy}, not proven`;
    case 'still_open':
      return 'not gone: the system let us in';
    case 'unknown':
      return 'not known: it could not be tried';
    case 'unproven':
      return `unproven: refused, but ${WHY_UNPROVEN[whyUnproven(entry) ?? 'access.never_let_in']}`;
    case 'to_prove':
      return 'not tried yet';
    case 'none':
      return 'no credential was held';
    case 'closed_here':
      return 'closed on our side: nothing of ours signs in there';
  }
}

/** What the law keeps of a customer that is erased. */
export interface KeptByLaw {
  readonly table: string;
  readonly law: string;
  /** Whole years after the end of the year of the erasure; absent: for good. */
  readonly years?: number;
}

/** The tables whose rows outlive a customer, as the map of personal data says. */
export function keptByLaw(): KeptByLaw[] {
  return Object.entries(DATA_MAP).flatMap(([table, { kept }]) =>
    typeof kept === 'object' && 'law' in kept ? [{ table, ...kept }] : [],
  );
}

/**
 * Tables in an order in which their rows can be deleted: whatever refers to another goes before it. Throws when they refer to
 * each other in a circle.
 */
export function deletionOrder(
  tables: readonly string[],
  references: readonly { readonly from: string; readonly to: string }[],
): string[] {
  const left = new Set(tables);
  const order: string[] = [];
  while (left.size > 0) {
    const free = [...left].filter(
      (one) => !references.some(({ from, to }) => to === one && from !== one && left.has(from)),
    );
    if (free.length === 0) throw new Error(`These tables refer to each other: ${[...left].join(', ')}.`);
    for (const one of free.sort()) left.delete(one);
    order.push(...free);
  }
  return order;
}
