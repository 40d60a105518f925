// @ts-check

/**
 * The servers that are given by address in the environment, each on its own, instead of being started here.
 * @typedef {object} ExternalServers
 * @property {{ url: string } | undefined} postgres `STELLWERK_POSTGRES_URL`, an administrator's address
 * @property {{ brokers: string[] } | undefined} kafka `STELLWERK_KAFKA_BROKERS`, comma separated
 * @property {{ address: string, apiKey: string | undefined, tls: boolean } | undefined} temporal `STELLWERK_TEMPORAL_ADDRESS`,
 *   `STELLWERK_TEMPORAL_API_KEY`, `STELLWERK_TEMPORAL_TLS`
 */

/**
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {ExternalServers}
 */
export function externalServers(env = process.env) {
  const postgres = env.STELLWERK_POSTGRES_URL;
  const kafka = env.STELLWERK_KAFKA_BROKERS;
  const temporal = env.STELLWERK_TEMPORAL_ADDRESS;
  return {
    postgres: postgres ? { url: adminUrl(postgres) } : undefined,
    kafka: kafka
      ? {
          brokers: kafka
            .split(',')
            .map((broker) => broker.trim())
            .filter(Boolean),
        }
      : undefined,
    temporal: temporal
      ? {
          address: temporal,
          apiKey: env.STELLWERK_TEMPORAL_API_KEY || undefined,
          tls: ['1', 'true'].includes(env.STELLWERK_TEMPORAL_TLS ?? ''),
        }
      : undefined,
  };
}

/** @param {string} text */
function adminUrl(text) {
  if (!URL.canParse(text) || !/^postgres(ql)?:$/.test(new URL(text).protocol)) {
    throw new Error('STELLWERK_POSTGRES_URL must look like postgres://user:password@host:5432/postgres.');
  }
  return text;
}

/** The namespace that runs live in. @param {NodeJS.ProcessEnv} [env] */
export function temporalNamespace(env = process.env) {
  return env.STELLWERK_TEMPORAL_NAMESPACE || 'stellwerk';
}

/** Whether PostgreSQL, Kafka and Temporal come from `docker-compose.yml`. @param {NodeJS.ProcessEnv} [env] */
export function fromDocker(env = process.env) {
  const stack = env.STELLWERK_STACK ?? '';
  if (!['', 'native', 'docker'].includes(stack))
    throw new Error(`STELLWERK_STACK must be "native" or "docker", but is "${stack}".`);
  return stack === 'docker';
}

/** Whether this server is not started natively here. @param {'postgres' | 'kafka' | 'temporal'} server */
export function isExternal(server) {
  return fromDocker() || externalServers()[server] !== undefined;
}
