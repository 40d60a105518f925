import { describe, expect, it } from '@jest/globals';
import {
  NamespaceNotFoundError,
  ServiceError,
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
} from '@temporalio/client';
import {
  classifyTemporalError,
  describeTemporalError,
  GRPC,
  mayLieInTheCall,
  type TemporalFault,
} from './temporal-errors.js';

const grpc = (code: number, details = 'as the server says') =>
  Object.assign(new Error(details), { code, details, metadata: {} });

describe('classifyTemporalError', () => {
  const cases: readonly [keyof typeof GRPC, string, TemporalFault][] = [
    ['UNAVAILABLE', 'shard unavailable, please backoff and retry', 'unavailable'],
    ['DEADLINE_EXCEEDED', 'context deadline exceeded', 'unavailable'],
    ['CANCELLED', 'call cancelled', 'unavailable'],
    ['ABORTED', 'operation aborted', 'unavailable'],
    ['RESOURCE_EXHAUSTED', 'namespace rate limit exceeded', 'unavailable'],
    ['RESOURCE_EXHAUSTED', 'Workflow is closing', 'unavailable'],
    ['RESOURCE_EXHAUSTED', 'grpc: received message larger than max (5000000 vs. 4194304)', 'permanent'],
    ['INVALID_ARGUMENT', 'exceeded workflow execution limit for signal events', 'permanent'],
    ['INVALID_ARGUMENT', 'Blob data size exceeds limit.', 'permanent'],
    ['OUT_OF_RANGE', 'out of range', 'permanent'],
    ['NOT_FOUND', 'workflow execution already completed', 'not_found'],
    ['NOT_FOUND', 'Namespace stellwerk is not found.', 'unavailable'],
    ['ALREADY_EXISTS', 'Workflow execution is already running.', 'already_started'],
    ['PERMISSION_DENIED', 'Request unauthorized.', 'unavailable'],
    ['UNAUTHENTICATED', 'jwt expired', 'unavailable'],
    ['INTERNAL', 'stream reset', 'unavailable'],
    ['FAILED_PRECONDITION', 'namespace is not active', 'unavailable'],
  ];

  it.each(cases)('%s (%s) is %s', (name, details, fault) => {
    expect(classifyTemporalError(grpc(GRPC[name], details))).toBe(fault);
    expect(classifyTemporalError(new ServiceError('wrapped', { cause: grpc(GRPC[name], details) }))).toBe(fault);
  });

  it('knows the client’s own errors', () => {
    expect(classifyTemporalError(new WorkflowExecutionAlreadyStartedError('x', 'id', 'type'))).toBe('already_started');
    expect(classifyTemporalError(new WorkflowNotFoundError('x', 'id', undefined))).toBe('not_found');
    expect(classifyTemporalError(new NamespaceNotFoundError('x'))).toBe('unavailable');
    expect(classifyTemporalError(new TypeError('cannot encode'))).toBe('permanent');
  });

  it('tells a server that fails inside from one that is away', () => {
    expect(mayLieInTheCall(grpc(GRPC.INTERNAL))).toBe(true);
    expect(mayLieInTheCall(grpc(GRPC.UNAVAILABLE))).toBe(false);
    expect(describeTemporalError(new ServiceError('wrapped', { cause: grpc(3, 'too many') }))).toBe(
      'INVALID_ARGUMENT: too many',
    );
  });
});
