import { hashOf } from '../../../support/api/request.factory.js';
import { answeredBy, at, decide, get, NO_ID, reinstate, replay, RETRY, submit } from './row.js';
import { rightsAreMissing } from './world.js';

const KNOWN = 'disable_sign_in:.#shadowexpire';
const overwrite = (...keys: string[]) => reinstate('endedRun', { overwrite: keys });

/** What is well-formed and allowed, but does not fit where things stand. */
export const stateRows = [
  ...answeredBy(409, 'plan.not_ready', [
    'a plan that is being drawn',
    get(({ ids }) => `/v1/requests/${ids.planning}/plan`),
    RETRY,
  ]),
  ...answeredBy(
    409,
    'request.not_awaiting_approval',
    ['a decision before there is a plan', decide('planning')],
    ['a decision on a rejected request', decide('rejected')],
  ),
  ...answeredBy(409, 'plan.hash_mismatch', ['a made-up hash', decide('waiting', { planHash: hashOf('made up') })]),
  ...answeredBy(403, 'approval.requester_cannot_decide', [
    'an approval by the requester',
    decide('ofApprover', {}, 'muster/customer_admin'),
  ]),
  ...answeredBy(403, 'approval.leaver_cannot_decide', ['an approval by the leaver', decide('aboutApprover')]),
  ...answeredBy(409, 'run.not_ended', ['taking back a run that goes on', reinstate('openRun')]),
  ...answeredBy(
    409,
    'run.not_finished',
    ['a certificate of a run that goes on', get(({ ids }) => `/v1/runs/${ids.openRun}/certificate`)],
    ['its signature', get(({ ids }) => `/v1/runs/${ids.openRun}/certificate/signature`)],
    ['its page', get(({ ids }) => `/v1/runs/${ids.openRun}/certificate/page`)],
  ),
  ...answeredBy(503, 'certificate.signing_key_missing', [
    'keys where none signs',
    get('/v1/signing-keys'),
    { withoutDatabase: true },
  ]),
  ...answeredBy(409, 'run.not_reinstatable', ['taking back a reinstatement', reinstate('reinstatement')]),
  ...answeredBy(409, 'run.nothing_to_take_back', ['taking back a run that wrote nothing', reinstate('emptyRun')]),
  ...answeredBy(409, 'run.reinstatement_open', ['taking back what is being taken back', reinstate('takenBackRun')]),
  ...answeredBy(
    422,
    'run.overwrite_unknown',
    ['overwriting what is no key', overwrite('nonsense'), at('overwrite.0', 'not_allowed')],
    ['overwriting a field of another step', overwrite('move_account:.#shadowexpire')],
    [
      'overwriting a field that the step did not write',
      overwrite(KNOWN, 'disable_sign_in:.#mail'),
      at('overwrite.1', 'not_allowed'),
    ],
  ),
  ...answeredBy(422, 'run.no_password_to_hand_over', [
    'handing over a password that there will not be',
    reinstate('endedRun', { passwordTo: ['eva@privat.example'] }),
    at('passwordTo', 'not_allowed'),
  ]),
  ...answeredBy(
    404,
    'dead_letter.not_found',
    ['an unknown dead letter', replay(() => NO_ID)],
    ['an unknown dead letter, no customer named', replay(() => NO_ID, '')],
    ['a dead letter of another tenant', replay(({ ids }) => ids.letter, 'nordlicht')],
  ),
  ...answeredBy(409, 'dead_letter.already_replayed', [
    'a replayed dead letter',
    replay(({ ids }) => ids.replayedLetter),
  ]),
  ...answeredBy(503, 'database.unavailable', [
    'a database that is away',
    submit(),
    { ...RETRY, withoutDatabase: true },
  ]),
  ...answeredBy(500, 'internal', ['a defect on our side', get('/v1/requests'), { given: rightsAreMissing }]),
];
