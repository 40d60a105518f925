import type { PoolClient } from 'pg';
import { DatabaseUnavailable } from './database-errors.js';

/**
 * Ends a connection on which a query got no answer within `milliseconds`: its queries reject with `DatabaseUnavailable`,
 * and the pool opens another one. The server's own limit says nothing when the server, or the way to it, went silent, and
 * the client's `query_timeout` would leave the dead connection in the pool.
 */
export function endWhenSilent(client: PoolClient, milliseconds: number): void {
  const ask = client.query.bind(client) as (...query: unknown[]) => unknown;
  const limited = (...query: unknown[]): unknown => {
    const answer = ask(...query);
    if (!(answer instanceof Promise)) return answer;
    const timer = setTimeout(
      () =>
        client.connection.stream.destroy(
          new DatabaseUnavailable(`PostgreSQL did not answer within ${milliseconds / 1000} s.`),
        ),
      milliseconds,
    );
    const answered = (): void => clearTimeout(timer);
    answer.then(answered, answered);
    return answer;
  };
  client.query = limited as typeof client.query;
}
