import pg from 'pg';

// Loaded before a program (`node --import`): counts the statements that it sends to PostgreSQL, and tells on being asked.
type Query = (...words: unknown[]) => unknown;
const prototype = pg.Client.prototype as unknown as { query: Query };
const send = prototype.query;
let statements = 0;

prototype.query = function (this: pg.Client, ...words: unknown[]): unknown {
  statements += 1;
  return send.apply(this, words);
};
process.on('message', (question) => {
  if (question === 'statements') process.send?.({ statements });
});
