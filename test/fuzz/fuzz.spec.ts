import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { examplesOf } from '../integration/api/scan/example.js';
import { routeExamples } from '../integration/api/scan/examples/index.js';
import { Things } from '../integration/api/scan/things.js';
import { newId } from '#libs/kernel';
import { openDatabase } from '#libs/platform/database';
import { MailedLinks } from '#libs/platform/mailed-links';
import { newLinkToken, OneTimeLinks, openKeyRing, SealedValues } from '#libs/platform/secrets';
import { startUnlimitedApi } from '../integration/api/scan/unlimited.js';
import type { ApiFixture, Who } from '../support/api/api-fixture.js';
import { RequestFactory } from '../support/api/request.factory.js';
import { testMasterKeys } from '../support/master-keys.js';
import { describedAddresses, publicDescription, undescribedAddresses } from './public-routes.js';
import { descriptionOf, fuzz, operations, type FuzzRun, type Part } from './schemathesis.js';

/** Another one finds other things: `STELLWERK_FUZZ_SEED=7 npm run fuzz`; the same one finds the same. */
const SEED = Number(process.env['STELLWERK_FUZZ_SEED'] ?? 20_261);
/** Cases per operation and caller, beside those that coverage makes. */
const EXAMPLES = Number(process.env['STELLWERK_FUZZ_EXAMPLES'] ?? 4);
/** The whole suite has 45 seconds on two idle cores; on a busy machine it takes what it takes. */
const LIMIT_SECONDS = 300;

type Phase = FuzzRun['phases'][number];
interface Caller {
  readonly who: Who;
  readonly headers?: Readonly<Record<string, string>>;
  readonly phase: Phase;
  readonly part: Part;
}

const OWNER = { who: 'msp/owner', headers: { 'Stellwerk-Tenant': 'muster' } } as const;
/** Two at a time: a fuzzer waits for each answer, so that one alone leaves a core idle. */
const LANES: readonly (readonly Caller[])[] = [
  [
    { ...OWNER, phase: 'coverage', part: 'even' },
    { ...OWNER, phase: 'fuzzing', part: 'all' },
  ],
  [
    { ...OWNER, phase: 'coverage', part: 'odd' },
    { who: 'muster/customer_admin', phase: 'fuzzing', part: 'all' },
    { who: 'muster/requester', phase: 'fuzzing', part: 'all' },
  ],
];

let fixture: ApiFixture;
let known: ReturnType<typeof knownThings> | undefined;
const answers = new Map<Caller, ReturnType<typeof fuzz>>();
beforeAll(async () => {
  fixture = await startUnlimitedApi();
  for (const lane of LANES) {
    let before: Promise<unknown> = Promise.resolve();
    for (const caller of lane) {
      const answer = before.then(() => fuzzAs(caller));
      answers.set(caller, answer);
      before = answer.catch(() => undefined);
    }
  }
});
afterAll(() => fixture?.stop());

/** Once for all callers: some things exist only once. */
function onceKnown(): ReturnType<typeof knownThings> {
  return (known ??= knownThings());
}

/** Ids and names of things that exist, so that the fuzzer gets past "not found". */
async function knownThings(): Promise<Map<string, Record<string, string>>> {
  const things = new Things(fixture.database.admin, 'muster');
  const known = new Map<string, Record<string, string>>();
  for (const { operationId, inAddress } of operations('all'))
    if (inAddress.length > 0) {
      const { path = {} } = await examplesOf(operationId, routeExamples)[0]!.make(things);
      known.set(operationId, Object.fromEntries(Object.entries(path).map(([name, value]) => [`path.${name}`, value])));
    }
  return known;
}

function only<Value>(values: ReadonlyMap<string, Value>, part: Part): ReadonlyMap<string, Value> {
  const asked = new Set(operations(part).map(({ operationId }) => operationId));
  return new Map([...values].filter(([operationId]) => asked.has(operationId)));
}

async function fuzzAs({ who, headers, phase, part }: Caller): ReturnType<typeof fuzz> {
  return fuzz({
    url: fixture.api.url,
    description: descriptionOf(part),
    headers: { Authorization: `Bearer ${fixture.keyOf(who)}`, ...headers },
    known: only(await onceKnown(), part),
    seed: SEED,
    examples: EXAMPLES,
    phases: [phase],
    seconds: LIMIT_SECONDS,
  });
}

/** Links as the worker makes them. */
async function publicThings() {
  const worker = openDatabase({ url: fixture.database.urlFor('worker'), poolSize: 2 }, 'test-links');
  try {
    const place = { tenant: 'muster', stepId: 'hand_over_password' };
    const { runId, id } = await RequestFactory.of('muster')
      .inStatus('awaiting_approval')
      .withRun('running')
      .in(fixture.database.admin);
    const handOver = newLinkToken();
    const once = { ...place, runId, token: handOver, secret: newId(), validHours: 72 };
    await new OneTimeLinks(worker, fixture.api.url).offer(once);
    const links = new MailedLinks(worker, new SealedValues(worker, openKeyRing(testMasterKeys())), fixture.api.url);
    const mailed = ['approval', 'invitation'].map(async (purpose) => {
      const wanted = { tenant: 'muster', purpose, objectId: id, recipient: 'anna@firma.example', language: null };
      const { url } = await links.offer({ ...wanted, purpose: purpose as 'approval', validHours: 48 });
      return [purpose, url.split('/').at(-1)!] as const;
    });
    const headers = { 'idempotency-key': newId() };
    const feed = { as: 'msp/operator', headers, body: {} } as const;
    const { body } = await fixture.call('POST', '/v1/on-call/calendar-feeds', feed);
    const calendar = (body as { readonly address: string }).address.split('/').at(-1)!;
    return { handOver, calendar, mailedLinks: Object.fromEntries(await Promise.all(mailed)) };
  } finally {
    await worker.destroy();
  }
}

async function fuzzAsStranger(): ReturnType<typeof fuzz> {
  return fuzz({
    ...{ url: fixture.api.url, description: publicDescription(await publicThings()), known: new Map(), seed: SEED },
    // as a page of ours calls; what others send is refused before it is read
    headers: { 'Sec-Fetch-Site': 'same-origin', 'Stellwerk-Csrf': '1' },
    ...{ examples: EXAMPLES, phases: ['coverage', 'fuzzing'], seconds: LIMIT_SECONDS },
  });
}

describe('what strangers may call', () => {
  it('is described for the fuzzer, each address', () => {
    expect([...describedAddresses()].sort()).toEqual([...undescribedAddresses()].sort());
  });

  it(
    `answers a stranger with pages and problems whatever is sent, and never fails itself (seed ${SEED})`,
    async () => {
      const { status, output } = await fuzzAsStranger();
      if (status !== 0) throw new Error(output);
      expect(output).toContain(`Tested: ${describedAddresses().length}`);
    },
    LIMIT_SECONDS * 1000 + 10_000,
  );
});

describe('the API under fuzz', () => {
  it.each(LANES.flat().map((caller) => [caller.who, caller.phase, caller.part, caller] as const))(
    `answers %s as described whatever is sent, and never fails itself (%s of %s, seed ${SEED})`,
    async (_who, _phase, part, caller) => {
      const { status, output } = await answers.get(caller)!;
      if (status !== 0) throw new Error(output);
      // it ends well, too, when it found nothing to try
      expect(Number(/(\d+) generated/.exec(output)?.[1])).toBeGreaterThan(operations(part).length * 3);
      expect(output).toContain(`Tested: ${operations(part).length}`);
    },
    LIMIT_SECONDS * 1000 + 10_000,
  );
});
