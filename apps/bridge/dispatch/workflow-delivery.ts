import { toPayloads, type Payload } from '@temporalio/common';
import { systemClock } from '#libs/kernel';
import { classifyTemporalError, type TemporalClient } from '#libs/platform/temporal';
import { turnOf } from '#workflows';
import type { Order } from './admission.js';
import type { Telling } from './recognition.js';

const CALL_LIMIT_MS = 10_000;

/** Brings events to Temporal. Each call has ten seconds; its errors are the client's own, to be classified by the caller. */
export class WorkflowDelivery {
  constructor(
    private readonly temporal: TemporalClient,
    private readonly taskQueue: string,
  ) {}

  /** Starts a workflow. That it runs already, or has ended, is success: the event came twice. */
  start(
    { tenant }: Pick<Order, 'tenant'>,
    { workflowType, workflowId, input }: Extract<Telling, { does: 'start' }>,
  ): Promise<void> {
    return this.startWorkflow(tenant, workflowType, workflowId, input);
  }

  /** The same for a workflow of any type. */
  async startWorkflow(tenant: string, workflowType: string, workflowId: string, input: object): Promise<void> {
    try {
      await this.inTime(() =>
        this.temporal.client.workflow.start(workflowType, {
          workflowId,
          taskQueue: this.taskQueue,
          args: [input],
          priority: turnOf(tenant),
          workflowIdConflictPolicy: 'USE_EXISTING',
          workflowIdReusePolicy: 'REJECT_DUPLICATE',
        }),
      );
    } catch (error) {
      if (classifyTemporalError(error) !== 'already_started') throw error;
    }
  }

  /**
   * Signals the workflow that carries a request; `ended` when there is none that runs. By the raw call, because only there the
   * request id can be the event's id, by which the server drops a repeat.
   */
  async signal(
    order: Order,
    { workflowId, signal, message }: Extract<Telling, { does: 'signal' }>,
  ): Promise<'delivered' | 'ended'> {
    const request = {
      namespace: this.temporal.namespace,
      workflowExecution: { workflowId },
      signalName: signal,
      input: { payloads: await this.encode(workflowId, message) },
      identity: this.temporal.client.options.identity,
      requestId: order.eventId,
    };
    try {
      await this.inTime(() => this.temporal.client.workflowService.signalWorkflowExecution(request));
      return 'delivered';
    } catch (error) {
      if (classifyTemporalError(error) === 'not_found') return 'ended';
      throw error;
    }
  }

  private inTime<T>(call: () => Promise<T>): Promise<T> {
    return this.temporal.connection.withDeadline(systemClock.now().getTime() + CALL_LIMIT_MS, call);
  }

  private async encode(workflowId: string, message: unknown): Promise<Payload[]> {
    const { payloadConverter, payloadCodecs } = this.temporal.client.options.loadedDataConverter;
    let payloads = toPayloads(payloadConverter, message) ?? [];
    const context = { type: 'workflow', namespace: this.temporal.namespace, workflowId } as const;
    for (const codec of payloadCodecs) payloads = await codec.encode(payloads, context);
    return payloads;
  }
}
