import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { examplesOf } from '../integration/api/scan/example.js';
import { routeExamples } from '../integration/api/scan/examples/index.js';
import { Things } from '../integration/api/scan/things.js';
import { startUnlimitedApi } from '../integration/api/scan/unlimited.js';
import type { ApiFixture, Who } from '../support/api/api-fixture.js';
import { DESCRIPTION, fuzz, operations } from './schemathesis.js';

/** Another one finds other things: `STELLWERK_FUZZ_SEED=7 npm run fuzz`; the same one finds the same. */
const SEED = Number(process.env['STELLWERK_FUZZ_SEED'] ?? 20_261);
/** Cases per operation and caller, beside those that coverage makes. */
const EXAMPLES = Number(process.env['STELLWERK_FUZZ_EXAMPLES'] ?? 6);
/** The whole suite has 90 seconds on two idle cores; on a busy machine it takes what it takes. */
const LIMIT_SECONDS = 300;

let fixture: ApiFixture;
beforeAll(async () => {
  fixture = await startUnlimitedApi();
});
afterAll(() => fixture?.stop());

/** Ids and names of things that exist, so that the fuzzer gets past "not found". */
async function knownThings(): Promise<Map<string, Record<string, string>>> {
  const things = new Things(fixture.database.admin, 'muster');
  const known = new Map<string, Record<string, string>>();
  for (const { operationId, inAddress } of operations())
    if (inAddress.length > 0) {
      const { path = {} } = await examplesOf(operationId, routeExamples)[0]!.make(things);
      known.set(operationId, Object.fromEntries(Object.entries(path).map(([name, value]) => [`path.${name}`, value])));
    }
  return known;
}

describe('the API under fuzz', () => {
  it.each<[Who, Record<string, string>, ('coverage' | 'fuzzing')[]]>([
    ['msp/owner', { 'Stellwerk-Tenant': 'muster' }, ['coverage', 'fuzzing']],
    ['muster/customer_admin', {}, ['fuzzing']],
    ['muster/requester', {}, ['fuzzing']],
  ])(
    `answers %s as described whatever is sent, and never fails itself (seed ${SEED})`,
    async (who, headers, phases) => {
      const { status, output } = await fuzz({
        url: fixture.api.url,
        description: DESCRIPTION,
        headers: { Authorization: `Bearer ${fixture.keyOf(who)}`, ...headers },
        known: await knownThings(),
        seed: SEED,
        examples: EXAMPLES,
        phases,
        seconds: LIMIT_SECONDS,
      });
      if (status !== 0) throw new Error(output);
      // it ends well, too, when it found nothing to try
      expect(Number(/(\d+) generated/.exec(output)?.[1])).toBeGreaterThan(operations().length * 3);
      expect(output).toContain(`Tested: ${operations().length}`);
    },
    LIMIT_SECONDS * 1000 + 10_000,
  );
});
