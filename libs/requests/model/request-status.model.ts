/** Where a request stands, from its submission to its end. */
export const REQUEST_STATUSES = [
  'planning',
  'awaiting_approval',
  'approved',
  'rejected',
  'running',
  'closed',
  'refused',
] as const;
export type RequestStatus = (typeof REQUEST_STATUSES)[number];

/** Requests that a workflow still works on. */
export const OPEN_REQUEST_STATUSES: readonly RequestStatus[] = ['planning', 'awaiting_approval', 'approved', 'running'];

/** Every type of request; each is also the name of its process. */
export const REQUEST_TYPES = ['onboarding', 'offboarding', 'mover', 'absence', 'reinstatement'] as const;
