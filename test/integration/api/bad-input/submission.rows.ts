import { localIn } from '../../../support/api/dates.js';
import { RequestFactory } from '../../../support/api/request.factory.js';
import { answeredBy, at, get, submit, wish, type Sent } from './row.js';
import type { Undo, World } from './world.js';

const joiner = {
  type: 'onboarding',
  givenName: 'Jörg',
  surname: 'Groß',
  firstDayAt: localIn(10),
  passwordTo: 'hr@x.example',
};
const onboard = (change: object) => submit({ body: { ...joiner, ...change } });
const mover = { type: 'mover', user: 'max', effectiveAt: localIn(10) };
const move = (change: object) => submit({ body: { ...mover, department: 'Einkauf', ...change } });
const absence = { type: 'absence', user: 'max', from: localIn(10), until: localIn(90) };
const suspend = (change: object) => submit({ body: { ...absence, ...change } });
const grant = { kind: 'forward_mail', to: 'a@x.example', purpose: 'Offers', approver: 'boss', until: localIn(60) };
const putTemplate =
  (process: string, body: unknown, as: Sent['as'] = 'muster/customer_admin') =>
  (): Sent => ({
    method: 'PUT',
    path: `/v1/templates/${process}`,
    as: as!,
    body,
  });

const csv = (raw: string | Uint8Array, query = 'type=offboarding', type = 'text/csv') =>
  submit(({ key }) => ({
    path: `/v1/requests/import?${query}`,
    raw,
    headers: { 'idempotency-key': key, 'content-type': type },
  }));
const LEAVERS = 'user,lastWorkingAt\n';

/** Muster’s joiners need a department. */
async function departmentIsRequired({ fixture }: World): Promise<Undo> {
  const { admin } = fixture.database;
  const body = JSON.stringify({ fields: { department: { use: 'required' }, title: { use: 'hidden' } } });
  const row = { tenant_id: 'muster', process: 'onboarding', version: 1, body, created_by: 'customer_admin@muster' };
  await admin.insertInto('process_templates').values(row).execute();
  return async () => void (await admin.deleteFrom('process_templates').where('tenant_id', '=', 'muster').execute());
}

/** Max leaves, and Muster’s requester must not know. */
async function someoneLeavesInSecret({ fixture }: World): Promise<Undo> {
  const { admin } = fixture.database;
  const secret = { only_one: 'offboarding:max', confidential_until: '2099-01-01T00:00:00Z' };
  const { id } = await RequestFactory.of('muster', 'customer_admin@muster').about('max').with(secret).in(admin);
  return async () => void (await admin.deleteFrom('requests').where('id', '=', id).execute());
}

/** Requests of every type, and templates, with what their rules refuse. */
export const submissionRows = [
  ...answeredBy(
    422,
    'request.invalid',
    ['a type that is a number', wish({ type: 7 }), at('type', 'not_allowed')],
    ['a type that is a prototype’s', wish({ type: 'constructor' }), at('type', 'not_allowed')],
    ['a joiner without a name', onboard({ givenName: undefined }), at('givenName', 'missing')],
    ['a joiner with a leaver’s field', onboard({ lastWorkingAt: localIn(3) }), at('lastWorkingAt', 'unknown_field')],
    [
      'a joiner whose first day is none',
      onboard({ firstDayAt: '2027-02-30T08:00' }),
      at('firstDayAt', 'not_a_date_time'),
    ],
    ['a joiner in a domain that is none', onboard({ domain: 'X' }), at('domain', 'not_a_domain')],
    ['a joiner in a country that is none', onboard({ usageLocation: 'XY' }), at('usageLocation', 'not_a_country')],
    ['a password to no address', onboard({ passwordTo: 'hr' }), at('passwordTo', 'not_a_mail_address')],
    ['an unknown step of a joiner', onboard({ steps: ['disable_sign_in'] }), at('steps', 'not_allowed')],
    ['a group twice', onboard({ groups: ['vpn', 'vpn'] }), at('groups', 'duplicate')],
    ['offsets that are a list', wish({ offsets: [1] }), at('offsets', 'not_days_by_step')],
    ['an offset of half a day', wish({ offsets: { disable_sign_in: 0.5 } }), at('offsets', 'not_days_by_step')],
    ['a manual step without a title', wish({ manualSteps: [{}] }), at('manualSteps.0.title', 'missing')],
    ['a manual step that is a text', wish({ manualSteps: ['x'] }), at('manualSteps.0', 'not_an_object')],
    [
      'a manual step due in a year',
      wish({ manualSteps: [{ title: 'x', dueDays: 365 }] }),
      at('manualSteps.0.dueDays', 'too_large'),
    ],
    [
      'a grant without a purpose',
      wish({ grants: [{ ...grant, purpose: undefined }] }),
      at('grants.0.purpose', 'missing'),
    ],
    ['a grant without an end', wish({ grants: [{ ...grant, until: undefined }] }), at('grants.0.until', 'missing')],
    [
      'a grant of an unknown kind',
      wish({ grants: [{ ...grant, kind: 'salary' }] }),
      at('grants.0.kind', 'not_allowed'),
    ],
    [
      'a confidential end without an offset',
      wish({ confidential: { until: localIn(3) } }),
      at('confidential.until', 'not_a_date_time'),
    ],
    ['groups that are a list', move({ groups: ['vpn'] }), at('groups', 'not_an_object')],
    ['an absence without a return', suspend({ until: undefined }), at('until', 'missing')],
  ),
  ...answeredBy(422, 'request.time_past', [
    'a first day that is over',
    onboard({ firstDayAt: localIn(-1) }),
    at('firstDayAt', 'past'),
  ]),
  ...answeredBy(422, 'request.time_too_far', [
    'a move in 401 days',
    move({ effectiveAt: localIn(401) }),
    at('effectiveAt', 'too_far'),
  ]),
  ...answeredBy(422, 'request.time_nonexistent', [
    'an hour that the clock leaves out, of a first day',
    onboard({ firstDayAt: '2027-03-28T02:30' }),
    at('firstDayAt', 'nonexistent'),
  ]),
  ...answeredBy(
    422,
    'request.times_in_disorder',
    ['a return before the absence', suspend({ until: localIn(5) }), at('until', 'too_early')],
    [
      'a grant that ends before it begins',
      wish({ grants: [{ ...grant, until: localIn(3) }] }),
      at('grants.0.until', 'too_early'),
    ],
  ),
  ...answeredBy(
    422,
    'request.offset_not_allowed',
    ['an offset of 31 days', wish({ offsets: { disable_sign_in: 31 } }), at('offsets.disable_sign_in', 'out_of_range')],
    [
      'an offset of a step that is not done',
      wish({ offsets: { delete_user: 1 } }),
      at('offsets.delete_user', 'not_allowed'),
    ],
  ),
  ...answeredBy(422, 'request.step_needs_field', [
    'a password for nobody',
    onboard({ passwordTo: undefined }),
    at('passwordTo', 'missing'),
  ]),
  ...answeredBy(422, 'request.user_name_impossible', [
    'a name in another script',
    onboard({ givenName: '李', surname: '王' }),
  ]),
  ...answeredBy(422, 'request.user_name_not_allowed', [
    'a user name with a blank',
    onboard({ userName: 'joerg gross' }),
    at('userName', 'not_allowed'),
  ]),
  ...answeredBy(422, 'request.nothing_to_change', ['a move to nowhere', submit({ body: mover })]),
  ...answeredBy(422, 'request.groups_ambiguous', [
    'a group that comes and goes',
    move({ groups: { add: ['vpn'], remove: ['vpn'] } }),
    at('groups', 'ambiguous'),
  ]),
  ...answeredBy(422, 'request.grant_not_allowed', [
    'mail for the leaver’s own approver',
    wish({ grants: [{ ...grant, approver: 'eva.beck' }] }),
    at('grants.0.approver', 'not_allowed'),
  ]),
  ...answeredBy(
    422,
    'request.against_template',
    [
      'a joiner without what the template demands',
      onboard({}),
      { ...at('department', 'missing'), given: departmentIsRequired },
    ],
    [
      'a joiner with what the template hides',
      onboard({ department: 'Einkauf', title: 'Clerk' }),
      { ...at('title', 'hidden'), given: departmentIsRequired },
    ],
  ),
  ...answeredBy(422, 'request.confidential_until_past', [
    'confidential until yesterday',
    wish({ user: 'max', confidential: { until: '2026-01-01T00:00:00Z' } }),
  ]),
  ...answeredBy(422, 'request.confidential_until_too_far', [
    'confidential for ever',
    wish({ user: 'max', confidential: { until: '2099-01-01T00:00:00Z' } }),
  ]),
  ...answeredBy(409, 'request.already_open', [
    'a second off-boarding of the same user, in capitals',
    wish({ user: 'EVA.BECK' }),
  ]),
  ...answeredBy(409, 'request.not_taken', [
    'an off-boarding of somebody whose confidential one is open',
    wish({ user: 'max' }),
    { given: someoneLeavesInSecret },
  ]),
  ...answeredBy(
    422,
    'template.invalid',
    ['a template with an unknown step', putTemplate('mover', { steps: { fly: {} } }), at('steps.fly', 'unknown_field')],
    ['a template that is a list', putTemplate('mover', [])],
    [
      'a template with a format that is none',
      putTemplate('onboarding', { formats: { userName: '{x}' } }),
      at('formats.userName', 'not_a_format'),
    ],
  ),
  ...answeredBy(403, 'access.denied', ['a requester who rules', putTemplate('mover', {}, 'muster/requester')]),
  ...answeredBy(
    404,
    'template.process_unknown',
    ['a template of taking back', get('/v1/templates/reinstatement')],
    ['a schema of a prototype', get('/v1/templates/constructor/schema')],
  ),
  ...answeredBy(404, 'template.version_not_found', [
    'a version that is still to come',
    get('/v1/templates/mover?version=9'),
  ]),
  ...answeredBy(400, 'http.invalid_query', [
    'a version that is none',
    get('/v1/templates/mover?version=0'),
    at('version', 'too_small'),
  ]),
  ...answeredBy(
    422,
    'import.unreadable',
    ['a file without lines', csv(LEAVERS)],
    ['a file with a column that we do not know', csv(`user,lastWorkingAt,salary\nmax,${localIn(3)},1`)],
    ['a file with a quote that stays open', csv(`${LEAVERS}"max,${localIn(3)}`)],
  ),
  ...answeredBy(422, 'import.lines_wrong', [
    'a file with a line that is wrong',
    csv(`${LEAVERS}max,${localIn(3)}\nmoritz,\n`),
    at('3.lastWorkingAt', 'missing'),
  ]),
  ...answeredBy(400, 'http.invalid_query', ['a file of movers', csv(LEAVERS, 'type=mover'), at('type', 'not_allowed')]),
  ...answeredBy(400, 'http.invalid_utf8', ['a file in another encoding', csv(Buffer.from([0x75, 0x73, 0xff, 0x0a]))]),
  ...answeredBy(
    415,
    'http.unsupported_media_type',
    ['a file as JSON', csv('{}', 'type=offboarding', 'application/json')],
    [
      'a request as a file',
      submit(({ key }) => ({ raw: LEAVERS, headers: { 'idempotency-key': key, 'content-type': 'text/csv' } })),
    ],
  ),
];
