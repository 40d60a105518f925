import { anonymous, answeredBy, decide, get, reinstate, RETRY, submit } from './row.js';
import { firstCallUnderWay, slotsTaken, suspended, tokensSpent } from './world.js';

const challenge = { headers: { 'www-authenticate': /^Bearer/ } };
const LIMITED = {
  headers: {
    'retry-after': /^[1-9]\d*$/,
    ratelimit: /^"read\.\w+";r=0;t=\d+$/,
    'ratelimit-policy': /"read\.tenant";q=\d+;w=\d+/,
  },
};
const inTenant = (tenant: string, as: 'muster/requester' | 'msp/operator') =>
  submit(({ key }) => ({ as, headers: { 'idempotency-key': key, 'stellwerk-tenant': tenant } }));

/** Callers who may not, and idempotency keys that do not fit. */
export const accessRows = [
  ...answeredBy(401, 'auth.key_missing', ['no key', anonymous(), challenge]),
  ...answeredBy(
    401,
    'auth.key_invalid',
    ['a wrong key', anonymous({ authorization: 'Bearer sw_made_up_0123456789' }), challenge],
    ['another scheme', anonymous({ authorization: 'Basic YTpi' }), challenge],
  ),
  ...answeredBy(403, 'tenant.suspended', [
    'a key of a customer that is suspended',
    get('/v1/requests', 'nordlicht/auditor'),
    { given: suspended('nordlicht') },
  ]),
  ...answeredBy(
    429,
    'limits.rate_exceeded',
    [
      'a key that called too often',
      get('/v1/requests', 'nordlicht/approver'),
      { ...LIMITED, given: tokensSpent('read.key') },
    ],
    [
      'a person with many keys',
      get('/v1/runs', 'nordlicht/requester'),
      { ...LIMITED, given: tokensSpent('read.person') },
    ],
  ),
  ...answeredBy(429, 'limits.concurrency_exceeded', [
    'a key with too many calls under way',
    get('/v1/requests', 'nordlicht/customer_admin'),
    { ...RETRY, given: slotsTaken },
  ]),
  ...answeredBy(
    403,
    'access.denied',
    ['a role that only reads', submit({ as: 'muster/auditor' })],
    ['a customer at the dead-letter desk', get('/v1/dead-letters', 'muster/customer_admin')],
    ['a requester who approves', decide('waiting', {}, 'muster/requester')],
  ),
  ...answeredBy(400, 'tenant.header_missing', ['the MSP without a customer', submit({ as: 'msp/operator' })]),
  ...answeredBy(
    404,
    'tenant.not_found',
    ['the MSP with an unknown customer', inTenant('nobody', 'msp/operator')],
    ['a customer that names another', inTenant('nordlicht', 'muster/requester')],
    ['a list of another tenant', get('/v1/requests?tenant=nordlicht')],
  ),
  ...answeredBy(
    404,
    'request.not_found',
    ['another tenant’s request', get(({ ids }) => `/v1/requests/${ids.foreignRequest}`)],
    ['another tenant’s plan', get(({ ids }) => `/v1/requests/${ids.foreignRequest}/plan`)],
    ['a decision on another tenant’s plan', decide('foreignRequest')],
    [
      'the MSP with another customer than the request’s',
      (world) => ({ ...decide('waiting', {}, 'msp/operator')(world), headers: { 'stellwerk-tenant': 'nordlicht' } }),
    ],
  ),
  ...answeredBy(
    404,
    'run.not_found',
    ['another tenant’s run', get(({ ids }) => `/v1/runs/${ids.foreignRun}`)],
    ['taking back another tenant’s run', reinstate('foreignRun')],
    ['another tenant’s certificate', get(({ ids }) => `/v1/runs/${ids.foreignRun}/certificate`)],
    ['its signature', get(({ ids }) => `/v1/runs/${ids.foreignRun}/certificate/signature`)],
    ['another tenant’s one-time links', get(({ ids }) => `/v1/runs/${ids.foreignRun}/hand-overs`)],
  ),
  ...answeredBy(400, 'idempotency.key_missing', ['no Idempotency-Key', submit({ headers: {} })]),
  ...answeredBy(
    400,
    'idempotency.key_invalid',
    ['an Idempotency-Key too long', submit({ headers: { 'idempotency-key': 'x'.repeat(256) } })],
    ['an Idempotency-Key with a blank', submit({ headers: { 'idempotency-key': 'a b' } })],
  ),
  ...answeredBy(
    422,
    'idempotency.key_reused',
    [
      'a used key with another body',
      submit(({ wish, usedKey }) => ({ body: { ...wish, user: 'max' }, headers: { 'idempotency-key': usedKey } })),
    ],
    [
      'a used key at another address',
      (world) => ({
        ...reinstate('endedRun', world.wish)(world),
        body: {},
        headers: { 'idempotency-key': world.usedKey },
      }),
    ],
  ),
  ...answeredBy(409, 'idempotency.in_progress', [
    'a key whose first call is under way',
    submit(),
    { ...RETRY, given: firstCallUnderWay },
  ]),
];
