import {
  isGrpcServiceError,
  NamespaceNotFoundError,
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
} from '@temporalio/client';
import { PayloadKeyUnavailable } from '../secrets/index.js';

/**
 * What a failed call means for its caller:
 * - `already_started`: the workflow exists, which is what was wanted
 * - `not_found`: no such workflow, or it has ended
 * - `unavailable`: nothing is wrong with this call; pause and try again
 * - `permanent`: the server refuses this call and will refuse it again
 */
export type TemporalFault = 'already_started' | 'not_found' | 'unavailable' | 'permanent';

/** Codes of gRPC (grpc/status): numbers, because `@grpc/grpc-js` is no dependency of ours. */
export const GRPC = {
  CANCELLED: 1,
  UNKNOWN: 2,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  ABORTED: 10,
  OUT_OF_RANGE: 11,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  DATA_LOSS: 15,
  UNAUTHENTICATED: 16,
} as const;

// grpc-js and Go word it so when a single message is over the size limit; everything else with this code passes with time
const MESSAGE_TOO_LARGE = /message (larger than max|too large)|larger than max|exceeds maximum/i;
const NAMESPACE_MISSING = /namespace .*not found/i;

/**
 * Classifies an error of the Temporal client. Limits of a workflow (signals, history, blob and mutable-state size) come as
 * INVALID_ARGUMENT (server 1.32, `service/history/consts`), rate limits and a closing workflow as RESOURCE_EXHAUSTED.
 * Wrong credentials and a missing namespace are `unavailable`: nothing is wrong with the call, and what waits is not lost.
 */
export function classifyTemporalError(error: unknown): TemporalFault {
  if (error instanceof WorkflowExecutionAlreadyStartedError) return 'already_started';
  if (error instanceof WorkflowNotFoundError) return 'not_found';
  if (error instanceof NamespaceNotFoundError) return 'unavailable';
  if (isKeyAway(error)) return 'unavailable';
  const grpc = grpcErrorOf(error);
  if (grpc === null) return isClosedChannel(error) ? 'unavailable' : 'permanent';
  switch (grpc.code) {
    case GRPC.ALREADY_EXISTS:
      return 'already_started';
    case GRPC.NOT_FOUND:
      return NAMESPACE_MISSING.test(grpc.details) ? 'unavailable' : 'not_found';
    case GRPC.INVALID_ARGUMENT:
    case GRPC.OUT_OF_RANGE:
      return 'permanent';
    case GRPC.RESOURCE_EXHAUSTED:
      return MESSAGE_TOO_LARGE.test(grpc.details) ? 'permanent' : 'unavailable';
    default:
      return 'unavailable';
  }
}

/**
 * Whether an `unavailable` fault may yet lie in this one call: the server failed inside instead of saying that it is busy
 * or away. When other calls succeed and this one keeps failing so, it is the call.
 */
export function mayLieInTheCall(error: unknown): boolean {
  const code = grpcErrorOf(error)?.code;
  return (
    code === GRPC.INTERNAL || code === GRPC.UNKNOWN || code === GRPC.DATA_LOSS || code === GRPC.FAILED_PRECONDITION
  );
}

/** The server's words, for a log or a dead letter. */
export function describeTemporalError(error: unknown): string {
  const grpc = grpcErrorOf(error);
  if (grpc === null) return error instanceof Error ? error.message : String(error);
  const name = Object.entries(GRPC).find(([, code]) => code === grpc.code)?.[0] ?? String(grpc.code);
  return `${name}: ${grpc.details}`;
}

/** The client wraps the gRPC error in one of its own. */
function grpcErrorOf(error: unknown): { code: number; details: string } | null {
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    if (isGrpcServiceError(cause)) return { code: cause.code, details: cause.details };
  }
  return null;
}

/** Nothing is wrong with a call whose payloads cannot be encrypted yet. */
function isKeyAway(error: unknown): boolean {
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof PayloadKeyUnavailable) return true;
  }
  return false;
}

function isClosedChannel(error: unknown): boolean {
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    if (/channel has been (closed|shut down)|connection is closed/i.test(cause.message)) return true;
  }
  return false;
}
