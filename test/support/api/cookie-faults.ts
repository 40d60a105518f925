/**
 * What is wrong with a `Set-Cookie` of the API: no script may read it, no other site's request carry it, no other host or
 * path get it. Without TLS, which only the loopback has, it cannot be `Secure`; its name then lacks the prefix.
 */
export function cookieFaults(setCookie: string): string[] {
  const [pair = '', ...parts] = setCookie.split(';').map((part) => part.trim());
  const name = pair.split('=', 1)[0]!;
  const attributes = new Map(parts.map((part) => part.toLowerCase().split('=', 2) as [string, string | undefined]));
  const faults = [
    attributes.has('httponly') ? null : 'without HttpOnly',
    ['lax', 'strict'].includes(attributes.get('samesite') ?? '') ? null : 'without SameSite',
    attributes.get('path') === '/' ? null : 'not for the path /',
    attributes.has('domain') ? 'with a Domain' : null,
    attributes.has('secure') === /^__(Host|Secure)-/.test(name)
      ? null
      : 'Secure and the prefix __Host- do not go together',
  ];
  return faults.filter((fault) => fault !== null).map((fault) => `${name} ${fault}`);
}
