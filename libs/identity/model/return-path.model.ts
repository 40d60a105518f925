const LONGEST = 500;
const BASE = 'https://stellwerk.invalid';

/**
 * Whether somebody may be sent here after signing in: a path of this host and nothing that a browser would read as
 * another (`//host`, `/\host`, an address with a scheme, control characters).
 */
export function isReturnPath(text: string): boolean {
  if (text.length > LONGEST || !/^\/(?![/\\])[\x21-\x7e]*$/.test(text) || text.includes('\\')) return false;
  return URL.canParse(text, BASE) && new URL(text, BASE).origin === BASE && !/^\/\//.test(new URL(text, BASE).pathname);
}
