// @ts-check
/**
 * The present instant, for what people read: log lines and notes. Set-up and stack run before anything is compiled, so they
 * cannot take the kernel's clock. Whatever measures or waits takes `performance.now()`, which no clock's jump moves.
 */
export const presentInstant = () => new Date();
