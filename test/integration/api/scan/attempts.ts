import type { ExampleCall } from './example.js';
import type { ScannedRoute } from './routes.js';
import { TENANT_HEADER } from './send.js';
import type { Stranger } from './strangers.js';
import { OTHER, VICTIM } from './victim.js';

/** A call that reaches for the victim's things. */
export interface Attempt {
  readonly what: string;
  readonly call: ExampleCall;
  readonly method?: 'HEAD';
  readonly headers?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  /** Whether it is addressed to the victim, so that it has to be refused. */
  readonly refused: boolean;
}

/** Operations that name no tenant and no thing and still answer everybody, with the reason; any other has to refuse strangers. */
const ANSWER_EVERYBODY: Readonly<Record<string, string>> = {
  signOut: 'about whoever calls',
  endOwnSessions: 'about whoever calls',
  beginPasskey: 'about whoever calls',
  addPasskey: 'about whoever calls',
  putContactMethods: 'about whoever calls',
  createCalendarFeed: 'about whoever calls',
  previewSla: 'computed from its body alone',
  decodePayloads: 'what one may not see comes back as it was sent: test/integration/api/temporal-codec.spec.ts',
};
/** Those after which a stranger by a session would not be let in any more: they go by key and token only. */
export const ENDS_SESSION: readonly string[] = ['signOut', 'endOwnSessions'];

export const isId = (value: string): boolean => /^[0-9a-f]{8}-/.test(value);

export function namesId({ path = {} }: ExampleCall): boolean {
  return Object.values(path).some(isId);
}

/**
 * The ways of a stranger to reach for the victim's things by this call, at least one: what is in no address, header or
 * query goes as it is. None where it would end the stranger's own session.
 */
export function attemptsOf(route: ScannedRoute, example: ExampleCall, caller: Stranger): readonly Attempt[] {
  if (caller.by === 'session' && ENDS_SESSION.includes(route.operationId)) return [];
  const attempts = [...byAddress(example), ...byHeaderOrQuery(route, example)];
  if (!namesTenant(example) && !namesId(example)) attempts.push(...unaddressed(route, example, caller, attempts));
  if (route.method !== 'GET' || !caller.strongest || caller.by !== 'session') return attempts;
  return [...attempts, ...attempts.map((one) => ({ ...one, what: `${one.what}, by HEAD`, method: 'HEAD' as const }))];
}

const namesTenant = ({ path = {} }: ExampleCall): boolean => 'tenant' in path;

/** The victim's address whatever customer the example is about, and the victim's ids below the stranger's own. */
function byAddress(example: ExampleCall): Attempt[] {
  const at = (tenant: string): ExampleCall => ({ ...example, path: { ...example.path, tenant } });
  if (!namesTenant(example)) return namesId(example) ? [{ what: 'its ids', call: example, refused: true }] : [];
  const there = { what: 'its address', call: at(VICTIM), refused: true };
  return namesId(example) ? [there, { what: 'its ids at the own address', call: at(OTHER), refused: true }] : [there];
}

function byHeaderOrQuery({ takes }: ScannedRoute, call: ExampleCall): Attempt[] {
  const attempts: Attempt[] = [];
  if (takes.has(`header:${TENANT_HEADER}`)) {
    attempts.push({ what: 'its name', call, headers: { [TENANT_HEADER]: VICTIM }, refused: true });
    if (namesId(call))
      attempts.push({ what: 'its ids for the own tenant', call, headers: { [TENANT_HEADER]: OTHER }, refused: true });
  }
  if (takes.has('query:tenant'))
    attempts.push({ what: 'the list of it', call, query: { tenant: VICTIM }, refused: true });
  return attempts;
}

/** Everything a list shows; what writes and has no address at all is the MSP's own, or about whoever calls. */
function unaddressed(
  { method, takes, operationId }: ScannedRoute,
  call: ExampleCall,
  { kind }: Stranger,
  others: readonly Attempt[],
): Attempt[] {
  if (method === 'GET') {
    const headers: Record<string, string> =
      kind === 'msp' && takes.has(`header:${TENANT_HEADER}`) ? { [TENANT_HEADER]: OTHER } : {};
    return [{ what: 'all there is', call, headers, refused: false }];
  }
  return others.length > 0 ? [] : [{ what: 'as it is', call, refused: !(operationId in ANSWER_EVERYBODY) }];
}
