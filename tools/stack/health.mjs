// @ts-check
// The clients come from node_modules, which may be installed only after this file was loaded: they are imported when used.

/**
 * @param {string} url
 * @throws when PostgreSQL does not answer a query
 */
export async function checkPostgres(url) {
  await queryPostgres(url, 'select 1');
}

/**
 * Runs one statement on a connection of its own.
 * @param {string} url
 * @param {string} statement
 * @param {unknown[]} [values]
 * @returns {Promise<Record<string, any>[]>}
 */
export async function queryPostgres(url, statement, values = []) {
  const { default: pg } = await import('pg');
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5000 });
  // Without a listener, an error on the idle connection would end this process.
  client.on('error', () => {});
  await client.connect();
  try {
    return (await client.query(statement, values)).rows;
  } finally {
    await client.end();
  }
}

/**
 * How a Kafka that is given by address is reached; the native one has neither.
 * @typedef {{ tls: boolean, login: { mechanism: string, username: string, password: string } | undefined }} KafkaSecurity
 */

/**
 * @param {string[]} brokers
 * @param {KafkaSecurity} [security]
 * @throws when the cluster does not give its metadata
 */
export async function checkKafka(brokers, security) {
  const { Kafka, logLevel } = (await import('kafkajs')).default;
  const kafka = new Kafka({
    clientId: 'stellwerk-stack',
    brokers,
    ssl: security?.tls ?? false,
    // kafkajs types each mechanism as an option of its own
    ...(security?.login ? { sasl: /** @type {import('kafkajs').SASLOptions} */ (security.login) } : {}),
    logLevel: logLevel.NOTHING,
    connectionTimeout: 2000,
    requestTimeout: 4000,
    retry: { retries: 0 },
  });
  const admin = kafka.admin();
  try {
    await admin.connect();
    const { brokers: found, controller } = await admin.describeCluster();
    if (found.length === 0 || controller === null) throw new Error('Kafka has no active controller yet');
  } finally {
    await admin.disconnect();
  }
}

/**
 * @typedef {{ address: string, namespace: string, apiKey?: string | undefined, tls?: boolean | undefined }} TemporalAddress
 */

/**
 * @template T
 * @param {TemporalAddress} temporal
 * @param {(connection: import('@temporalio/client').Connection) => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withTemporal({ address, apiKey, tls }, work) {
  const { Connection } = await import('@temporalio/client');
  const connection = await Connection.connect({
    address,
    connectTimeout: 5000,
    ...(apiKey ? { apiKey } : {}),
    ...(tls || apiKey ? { tls: true } : {}),
  });
  try {
    return await work(connection);
  } finally {
    await connection.close();
  }
}

/**
 * The frontend's own health service, and a question that only an initialised cluster answers.
 * @param {TemporalAddress} temporal
 */
export async function checkTemporalFrontend(temporal) {
  await withTemporal(temporal, async (connection) => {
    const { status } = await connection.healthService.check({
      service: 'temporal.api.workflowservice.v1.WorkflowService',
    });
    if (status !== 1) throw new Error(`Temporal's health check answers ${status}`);
    await connection.workflowService.getClusterInfo({});
  });
}

/**
 * Whether the namespace can be worked in: its task queues and its histories answer.
 * @param {TemporalAddress} temporal
 */
export async function checkTemporalNamespace(temporal) {
  const { namespace } = temporal;
  await withTemporal(temporal, async ({ workflowService }) => {
    await workflowService.describeNamespace({ namespace });
    await workflowService.describeTaskQueue({ namespace, taskQueue: { name: 'stellwerk-stack-check' } });
  });
}

/** @param {string} url @param {string} what */
export async function checkHttp(url, what) {
  const answer = await fetch(url, { signal: AbortSignal.timeout(4000) });
  await answer.body?.cancel();
  if (!answer.ok) throw new Error(`${what} answers ${answer.status} at ${url}`);
}
