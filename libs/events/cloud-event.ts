/** A CloudEvents 1.0 event with our extensions, as it travels in Kafka's binary mode (one header per attribute). */
export interface CloudEvent<Data = unknown> {
  readonly id: string;
  readonly source: string;
  readonly type: string;
  /** RFC 3339, UTC. */
  readonly time: string;
  /** Tenant and aggregate: the Kafka key. */
  readonly partitionkey: string;
  readonly tenantid: string;
  /** The request that everything belongs to. */
  readonly correlationid: string;
  /** The event or act that caused this one. */
  readonly causationid: string | null;
  /** Counts up per partition key; a reader ignores a sequence not above the last it applied. */
  readonly sequence: number;
  readonly data: Data;
}

/**
 * Headers of the binary mode, without the sequence (the outbox adds it when it takes the key's next number), and without
 * the time where the outbox's transaction gives it.
 */
export function toHeaders(
  event: Omit<CloudEvent, 'sequence' | 'data' | 'time'> & Partial<Pick<CloudEvent, 'time'>>,
): Record<string, string> {
  return {
    'content-type': 'application/json',
    ce_specversion: '1.0',
    ce_id: event.id,
    ce_source: event.source,
    ce_type: event.type,
    ...(event.time === undefined ? {} : { ce_time: event.time }),
    ce_partitionkey: event.partitionkey,
    ce_tenantid: event.tenantid,
    ce_correlationid: event.correlationid,
    ...(event.causationid === null ? {} : { ce_causationid: event.causationid }),
  };
}
