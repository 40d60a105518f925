import { decodeEvent, EventMalformed } from '#libs/events';
import { AppError, isId } from '#libs/kernel';
import type { ReceivedRecord } from '#libs/platform/kafka';
import type { DecisionMessage, ProcessName, ServedWorkflow } from '#workflows';
import { routes, type Decision, type Route } from '../routes.js';
import { DispatchFailed, RequestUnknown, ServedUnknown, TenantMismatch, TenantUnknown } from './bridge-errors.js';

/** An event that reaches a workflow. */
export interface Order {
  readonly record: ReceivedRecord;
  readonly tenant: string;
  readonly eventId: string;
  /** Empty where the event is about nothing of a request. */
  readonly requestId: string;
  readonly act:
    | { readonly does: 'start'; readonly process: ProcessName }
    | {
        readonly does: 'decide';
        readonly signal: string;
        readonly decisionId: string;
        readonly message: DecisionMessage;
      }
    | { readonly does: 'act'; readonly signal: string; readonly actId: string }
    | {
        readonly does: 'serve';
        readonly workflow: ServedWorkflow;
        readonly id: string;
        /** Null: it starts the workflow. */
        readonly signal: string | null;
      };
}

export type Admission =
  | { readonly kind: 'order'; readonly order: Order }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'refused'; readonly error: AppError };

/** Decodes a record and finds out what it asks for. Whatever is wrong with it is the answer, never thrown. */
export function admit(record: ReceivedRecord, isTenant: (id: string) => boolean): Admission {
  try {
    return admitOrThrow(record, isTenant);
  } catch (error) {
    return {
      kind: 'refused',
      error: error instanceof AppError ? error : new DispatchFailed(String(error), { cause: error }),
    };
  }
}

function admitOrThrow(record: ReceivedRecord, isTenant: (id: string) => boolean): Admission {
  const broken = Object.keys(record.undecodable).find((name) => name.startsWith('ce_'));
  if (broken !== undefined) throw new EventMalformed(`The header ${broken} is not UTF-8.`);
  const event = decodeEvent(record.headers, record.value);
  if (!isTenant(event.tenantid))
    throw new TenantUnknown(`There is no tenant ${event.tenantid}. Create it, then replay this event.`);
  if (!event.partitionkey.startsWith(`${event.tenantid}/`))
    throw new TenantMismatch(`The header ce_partitionkey must begin with ${event.tenantid}/.`);
  const route = routes.get(event.type);
  if (!route || route.does === 'nothing') return { kind: 'nothing' };
  const common = { record, tenant: event.tenantid, eventId: event.id };
  if (route.does === 'serve') {
    const { workflow, signal } = route;
    const id = (event.data as Record<string, string>)[route.id]!;
    if (!isId(id)) throw new ServedUnknown(`${event.tenantid} has no ${workflow} ${id}.`);
    return { kind: 'order', order: { ...common, requestId: '', act: { does: 'serve', workflow, id, signal } } };
  }
  const { requestId } = event.data as { requestId: string };
  // the schema's format also lets a UUID pass as URN, which PostgreSQL does not take
  if (!isId(requestId)) throw new RequestUnknown(`${event.tenantid} has no request ${requestId}.`);
  const act = actOf(route, event.data, event.id);
  return { kind: 'order', order: { ...common, requestId, act } };
}

function actOf(route: Exclude<Route, { does: 'nothing' | 'serve' }>, data: unknown, eventId: string): Order['act'] {
  switch (route.does) {
    case 'start':
      return route;
    case 'decide': {
      const decision = data as Decision;
      const { signal, message } = route;
      return { does: 'decide', signal, decisionId: decision.decisionId, message: message(decision, eventId) };
    }
    case 'act':
      return { does: 'act', signal: route.signal, actId: (data as { actId: string }).actId };
  }
}
