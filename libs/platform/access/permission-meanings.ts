import type { Permission } from './permissions.js';

/** What each action is, in a line: stands in docs/permissions.md. */
export const PERMISSION_MEANINGS: Readonly<Record<Permission, string>> = {
  'request.submit': 'Request an on-boarding, off-boarding, move or absence, one at a time or by a file',
  'request.read': 'See requests, their plans and decisions; a confidential one only as one of those it names',
  'plan.decide': 'Approve or reject a plan; never one’s own request, nor one about oneself',
  'plan.confirm': 'Be the second person whom some plans wait for',
  'run.read': 'See runs, their steps and history, their certificates, and how one-time links stand',
  'act.give': 'Intervene in a request or run at all; each act asks for one of the next four as well',
  'act.intervene': 'Pause, resume, retry and skip',
  'act.call_off': 'Cancel and reschedule',
  'act.complete': 'Say that a manual step is done',
  'act.lock_out': 'Lock a leaver out at once',
  'run.reinstate': 'Ask that what a run did be taken back',
  'template.read': 'See a customer’s templates of processes',
  'template.write': 'Save a new version of a template',
  'settings.read': 'See a customer’s settings about second persons',
  'settings.write': 'Change them',
  'protected_account.read': 'See which accounts are protected',
  'protected_account.write': 'Protect an account, or end that',
  'secret.read_names': 'See which secrets there are, who set them, and when one was last used; never a value',
  'secret.write': 'Set and remove secrets',
  'dead_letter.read': 'See events that could not be delivered',
  'dead_letter.replay': 'Send one of them again',
};
