/** The field's words for tickets. */
export const TICKET_TYPES = ['incident', 'service_request'] as const;
export type TicketType = (typeof TICKET_TYPES)[number];

/** Incidents cannot be planned; everything else can. */
export const WORK_CLASSES = [
  'incident',
  'project',
  'service_request',
  'regular_operation',
  'maintenance_on_request',
] as const;
export type WorkClass = (typeof WORK_CLASSES)[number];

export const GRADES = ['high', 'medium', 'low'] as const;
/** Of impact and of urgency. */
export type Grade = (typeof GRADES)[number];

export const PRIORITIES = ['critical', 'high', 'medium', 'low'] as const;
export type Priority = (typeof PRIORITIES)[number];

export const STATUSES = [
  'new',
  'assigned',
  'in_progress',
  'waiting_for_customer',
  'waiting_for_third_party',
  'on_hold',
  'resolved',
  'closed',
] as const;
export type Status = (typeof STATUSES)[number];

const WAITING: readonly Status[] = ['waiting_for_customer', 'waiting_for_third_party', 'on_hold'];

/** Waiting stops the clock, so somebody has to say why. */
export function needsReason(status: Status): boolean {
  return WAITING.includes(status);
}

export function isPlannable(workClass: WorkClass): boolean {
  return workClass !== 'incident';
}

/** The class of work that a type of ticket has unless somebody says otherwise. */
export function usualWorkClass(type: TicketType): WorkClass {
  return type;
}

/** The priority for each impact and urgency. */
export type PriorityMatrix = Readonly<Record<Grade, Readonly<Record<Grade, Priority>>>>;

/** For customers who set none of their own. */
export const USUAL_MATRIX: PriorityMatrix = {
  high: { high: 'critical', medium: 'high', low: 'medium' },
  medium: { high: 'high', medium: 'medium', low: 'low' },
  low: { high: 'medium', medium: 'low', low: 'low' },
};

export function priorityOf(matrix: PriorityMatrix, impact: Grade, urgency: Grade): Priority {
  return matrix[impact][urgency];
}

/** Whether a status can follow another: what is closed stays closed, and only what was resolved is closed. */
export function mayFollow(status: Status, former: Status): boolean {
  if (status === former || former === 'closed') return false;
  if (status === 'new') return false;
  return status !== 'closed' || former === 'resolved';
}

/**
 * The status that a customer's answer brings about; null leaves it. It ends waiting for the customer, and opens what was
 * resolved again.
 */
export function statusAfterCustomersAnswer(status: Status): Status | null {
  return status === 'waiting_for_customer' || status === 'resolved' ? 'in_progress' : null;
}
