import { createServer } from 'node:http';

/** Answers a bench's questions, one after the other, and says by `/health/ready` that it is there to do so. */
export function answerParent<Question, Answer>(answer: (question: Question) => Promise<Answer>): void {
  process.on('message', (question) => {
    void answer(question as Question).then((reply) => process.send?.(reply));
  });
  createServer((_request, response) => response.end('{"status":"ready"}')).listen(
    Number(process.env['STELLWERK_HTTP_PORT']),
    '127.0.0.1',
  );
  process.on('SIGTERM', () => process.exit(0));
}
