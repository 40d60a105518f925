import { randomUUID } from 'node:crypto';
import Fastify from 'fastify';
import pg from 'pg';

/**
 * The floor of `ingest`: a bare Fastify with `pg` that commits one row per call. Same pool, same server, same body, and
 * nothing else: no keys, no checks, no event, no log.
 */
const pool = new pg.Pool({
  connectionString: process.env['STELLWERK_DATABASE_URL'],
  max: Number(process.env['STELLWERK_DATABASE_POOL']),
});
const server = Fastify();

server.get('/health/ready', async () => {
  await pool.query('SELECT 1');
  return { status: 'ready' };
});

server.post('/v1/requests', async (request, reply) => {
  const id = randomUUID();
  await pool.query('INSERT INTO floor_requests (id, body) VALUES ($1, $2)', [id, JSON.stringify(request.body)]);
  return reply.status(202).send({ id, status: 'planning' });
});

await server.listen({ host: '127.0.0.1', port: Number(process.env['STELLWERK_HTTP_PORT']) });
process.on('SIGTERM', () => {
  void server
    .close()
    .then(() => pool.end())
    .then(() => process.exit(0));
});
