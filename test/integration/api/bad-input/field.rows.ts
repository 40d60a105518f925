import { systemClock } from '#libs/kernel';
import { clockChanges, localIn } from '../../../support/api/dates.js';
import { answeredBy, at, decide, reinstate, submit, wish } from './row.js';

const noTime = at('lastWorkingAt', 'not_a_date_time');
const noText = (field: string) => at(field, 'not_text');
const missing = at('type', 'missing');
const secondsAgo = (seconds: number) =>
  new Date(systemClock.now().getTime() - seconds * 1000).toISOString().replace(/\.\d+Z$/, 'Z');

/** Bodies with wrong fields. */
export const fieldRows = [
  ...answeredBy(
    422,
    'request.invalid',
    ['a list', submit({ body: [] }), at('', 'not_an_object')],
    ['null', submit({ body: null }), at('', 'not_an_object')],
    ['no body', submit({ body: undefined }), missing],
    ['an unknown field', wish({ priority: 1 }), at('priority', 'unknown_field')],
    ['an unknown field deeper', wish({ notify: { sms: '1' } }), at('notify.sms', 'unknown_field')],
    ['another type', wish({ type: 'reinstatement' }), at('type', 'not_allowed')],
    ['nothing but a type', submit({ body: { type: 'offboarding' } }), at('lastWorkingAt', 'missing')],
    ['a user that is a number', wish({ user: 7 }), noText('user')],
    ['an empty user', wish({ user: '' }), noText('user')],
    ['a user with a NUL', wish({ user: 'eva\u0000' }), noText('user')],
    ['a user with half a surrogate pair', wish({ user: 'eva\ud800' }), noText('user')],
    ['a user with white space around', wish({ user: ' eva' }), noText('user')],
    ['a user too long', wish({ user: 'x'.repeat(257) }), noText('user')],
    ['a reference with a line break', wish({ reference: 'a\nb' }), noText('reference')],
    ['a day that is none', wish({ lastWorkingAt: '2027-02-30T12:00' }), noTime],
    ['a day without an hour', wish({ lastWorkingAt: '2027-02-20' }), noTime],
    ['an hour that is none', wish({ lastWorkingAt: '2027-02-20T24:30' }), noTime],
    ['an offset that is none', wish({ lastWorkingAt: '2027-02-20T12:00+25:00' }), noTime],
    ['a time that is a number', wish({ lastWorkingAt: 1_800_000_000 }), noTime],
    ['an unknown step', wish({ steps: ['delete_company'] }), at('steps', 'not_allowed')],
    ['a step twice', wish({ steps: ['disable_sign_in', 'disable_sign_in'] }), at('steps', 'duplicate')],
    ['steps that are no list', wish({ steps: 'disable_sign_in' }), { fields: { steps: 'not_a_list' } }],
    ['steps that are a letter', wish({ steps: 'x' }), { fields: { steps: 'not_a_list' } }],
    ['an address that is none', wish({ notify: { mail: ['hr'] } }), at('notify.mail', 'not_a_mail_address')],
    ['a webhook by FTP', wish({ notify: { webhook: 'ftp://x.example/' } }), at('notify.webhook', 'not_a_url')],
    [
      'a webhook with a password',
      wish({ notify: { webhook: 'https://a:b@x.example' } }),
      at('notify.webhook', 'not_a_url'),
    ],
    ['notify that is a list', wish({ notify: [] }), at('notify', 'not_an_object')],
    ['a decision that is none', decide('waiting', { decision: 'maybe' }), at('decision', 'not_allowed')],
    ['a hash that is none', decide('waiting', { planHash: 'abc' }), at('planHash', 'not_a_hash')],
    ['a reason with a NUL', decide('waiting', { reason: '\u0000' }), noText('reason')],
    ['a wish to overwrite that is no list', reinstate('endedRun', { overwrite: {} }), at('overwrite', 'not_a_list')],
  ),
  ...answeredBy(422, 'request.no_step_selected', ['no step selected', wish({ steps: [] })]),
  ...answeredBy(
    422,
    'request.last_working_at_past',
    ['yesterday', wish({ lastWorkingAt: localIn(-1) }), at('lastWorkingAt', 'past')],
    ['some seconds ago', submit((world) => ({ body: { ...world.wish, lastWorkingAt: secondsAgo(3) } }))],
  ),
  ...answeredBy(422, 'request.last_working_at_too_far', ['in 401 days', wish({ lastWorkingAt: localIn(401) })]),
  ...answeredBy(422, 'request.last_working_at_nonexistent', [
    'an hour that the clock leaves out',
    wish({ lastWorkingAt: clockChanges().nonexistent }),
  ]),
];
