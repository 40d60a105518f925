import { newId } from '#libs/kernel';
import { escalation as runningEscalation } from '../scan/escalation-things.js';
import { Things } from '../scan/things.js';
import { answeredBy, at, NO_ID, type More, type Sent } from './row.js';
import type { World } from './world.js';

const headers = () => ({ 'idempotency-key': newId(), 'stellwerk-tenant': 'muster' });
const call = (method: string, path: string | (() => string), body?: unknown) => (): Sent => ({
  method,
  path: `/v1/${typeof path === 'string' ? path : path()}`,
  as: 'msp/operator',
  headers: headers(),
  ...(body === undefined ? {} : { body }),
});

// what a row is about is made when its turn comes
let ticket = '';
let escalation = '';
const given = (status: 'running' | 'ended' = 'running', of: 'new' | 'closed' = 'new'): More => ({
  given: async ({ fixture: { database } }: World) => {
    const { admin } = database;
    const things = new Things(admin, 'muster');
    ticket = await things.ticket(of);
    escalation = await runningEscalation(things, status);
    await admin
      .insertInto('escalation_chains')
      .values({ tenant_id: 'muster', name: 'there', version: 1, chain: '{}', set_by: 'x' })
      .execute();
    return async () => {
      for (const table of ['escalations', 'escalation_chains', 'ticket_entries', 'tickets'] as const)
        await admin.deleteFrom(table).execute();
    };
  },
});

const tell = (receiver: object) => ({ kind: 'notify', receivers: [receiver] });
const nobody = { kind: 'person', subject: 'x@msp' };
const chain = (change: object) => call('PUT', 'sla/chains/night', { steps: [tell(nobody)], ...change });
const triggers = (one: object) => call('PUT', 'sla/escalation-triggers', { triggers: [one] });
const channel = (change: object) =>
  call('PUT', 'notification-channels/room', { kind: 'slack', url: 'https://hooks.example/x', ...change });
const settings = (body: object) => call('PUT', 'sla/escalation-settings', body);
const start = (body: object) => call('POST', () => `tickets/${ticket}/escalations`, { reason: 'Now.', ...body });

/** Chains, what starts them, channels, and escalations. */
export const escalationRows = [
  ...answeredBy(
    422,
    'request.invalid',
    ['a chain whose steps are none', chain({ steps: 'all' }), at('steps', 'not_a_list')],
    ['a chain of a name that is none', call('PUT', 'sla/chains/-x', { steps: [] })],
    ['a look at a chain of a name that is none', call('GET', 'sla/chains/X_1'), at('name', 'not_a_name')],
    ['a look at a channel of a name that is none', call('GET', 'notification-channels/X_1'), at('name', 'not_a_name')],
    ['a channel of a kind that is none', channel({ kind: 'pigeon' }), at('kind', 'not_allowed')],
    ['a reminder after a year', settings({ remindAfterDays: 366 }), at('remindAfterDays', 'too_large')],
  ),
  ...answeredBy(
    422,
    'escalation.chain_invalid',
    ['a chain without steps', chain({ steps: [] }), at('steps', 'nobody_told')],
    ['a chain without people', chain({ steps: [{ kind: 'wait', minutes: 5 }] }), at('steps', 'nobody_told')],
    ['a wait of nothing', chain({ steps: [{ kind: 'wait', minutes: 0 }] }), at('steps.0.minutes', 'out_of_range')],
    ['a chain that repeats for ever', chain({ repeat: 99 }), at('repeat', 'out_of_range')],
    ['a chain that tells a stranger', chain({}), at('steps.0.receivers.0', 'unknown')],
    [
      'a chain that tells a schedule that is none',
      chain({ steps: [tell({ kind: 'schedule', id: NO_ID })] }),
      at('steps.0.receivers.0', 'unknown'),
    ],
    [
      'a chain that tells a team that is none',
      chain({ steps: [tell({ kind: 'team', id: 'all' })] }),
      at('steps.0.receivers.0', 'unknown'),
    ],
    [
      'a chain that tells a channel that is none',
      chain({ steps: [tell({ kind: 'channel', name: 'room' })] }),
      at('steps.0.receivers.0', 'unknown'),
    ],
  ),
  ...answeredBy(
    422,
    'escalation.triggers_invalid',
    [
      'a trigger of a chain that is none',
      triggers({ on: 'breach', clock: 'update', chain: 'gone' }),
      at('triggers.0.chain', 'unknown'),
    ],
    [
      'a trigger of a clock that is none',
      triggers({ on: 'breach', clock: 'lunch', chain: 'x' }),
      at('triggers.0.clock', 'not_allowed'),
    ],
  ),
  ...answeredBy(422, 'escalation.channel_invalid', [
    'a channel at no address',
    channel({ url: 'file:///etc/passwd' }),
    at('url', 'not_an_address'),
  ]),
  ...answeredBy(422, 'escalation.settings_invalid', [
    'one conference for all tickets',
    settings({ conferenceTemplate: 'https://meet.example/all' }),
    at('conferenceTemplate', 'not_a_template'),
  ]),
  ...answeredBy(422, 'escalation.chain_unknown', [
    'a chain by hand that is none',
    start({ chain: 'gone' }),
    { ...given(), ...at('chain', 'unknown') },
  ]),
  ...answeredBy(409, 'ticket.closed', [
    'a chain for a ticket that is closed',
    start({ chain: 'there' }),
    given('running', 'closed'),
  ]),
  ...answeredBy(409, 'escalation.not_running', [
    'an acknowledgement of what has ended',
    call('POST', () => `escalations/${escalation}/acknowledgement`),
    given('ended'),
  ]),
  ...answeredBy(404, 'ticket.not_found', [
    'a chain for a ticket that does not exist',
    call('POST', `tickets/${NO_ID}/escalations`, { chain: 'there', reason: 'Now.' }),
  ]),
  ...answeredBy(
    404,
    'escalation.not_found',
    ['an escalation that does not exist', call('GET', `escalations/${NO_ID}`)],
    ['an acknowledgement of one that does not exist', call('POST', `escalations/${NO_ID}/acknowledgement`)],
  ),
  ...answeredBy(404, 'escalation.chain_not_found', ['a chain that does not exist', call('GET', 'sla/chains/gone')]),
  ...answeredBy(404, 'escalation.channel_not_found', [
    'a channel that does not exist',
    call('GET', 'notification-channels/gone'),
  ]),
];
