/**
 * The one script of our pages for people: makes a passkey or signs in with one, when a form of `data-passkey` is sent, and
 * does nothing before. Written for browsers as they are, hence without imports and with its own base64url.
 */
export const PASSKEY_SCRIPT = `'use strict';
(() => {
  const form = document.querySelector('form[data-passkey]');
  const issuer = document.querySelector('form[data-issuer]');
  const problem = document.getElementById('problem');
  if (!form) return;
  if (location.origin !== form.dataset.origin) {
    location.replace(form.dataset.origin + location.pathname + location.search);
    return;
  }
  const bytesOf = (text) =>
    Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (character) => character.charCodeAt(0));
  const textOf = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\\+/g, '-').replace(/\\//g, '_').replace(/=+$/, '');
  const call = async (path, body) => {
    const headers = { 'content-type': 'application/json', 'stellwerk-csrf': '1' };
    const response = await fetch(path, { method: 'POST', headers, body: JSON.stringify(body), credentials: 'same-origin' });
    const answer = await response.json();
    if (!response.ok) throw Object.assign(new Error(answer.title), { code: answer.code });
    return answer;
  };
  const creation = (options) => ({
    ...options,
    challenge: bytesOf(options.challenge),
    user: { ...options.user, id: bytesOf(options.user.id) },
    excludeCredentials: (options.excludeCredentials || []).map((one) => ({ ...one, id: bytesOf(one.id) })),
  });
  const made = ({ id, rawId, type, response }) => ({
    id,
    rawId: textOf(rawId),
    type,
    response: {
      clientDataJSON: textOf(response.clientDataJSON),
      attestationObject: textOf(response.attestationObject),
      transports: response.getTransports ? response.getTransports() : [],
    },
  });
  const shown = ({ id, rawId, type, response }) => ({
    id,
    rawId: textOf(rawId),
    type,
    response: {
      clientDataJSON: textOf(response.clientDataJSON),
      authenticatorData: textOf(response.authenticatorData),
      signature: textOf(response.signature),
      userHandle: textOf(response.userHandle || new ArrayBuffer(0)),
    },
  });
  const register = async () => {
    const token = location.pathname.split('/').pop();
    const options = await call('/v1/sign-in/passkey/invitation', { token });
    const credential = await navigator.credentials.create({ publicKey: creation(options) });
    form.elements.credential.value = JSON.stringify(made(credential));
    form.submit();
  };
  const signIn = async () => {
    const options = await call('/v1/sign-in/passkey/options', { returnTo: form.dataset.returnTo });
    const publicKey = { ...options, challenge: bytesOf(options.challenge), allowCredentials: [] };
    const credential = await navigator.credentials.get({ publicKey });
    const { returnTo } = await call('/v1/sign-in/passkey', { credential: shown(credential) });
    location.assign(returnTo);
  };
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const button = form.querySelector('button');
    button.disabled = true;
    problem.hidden = true;
    (form.dataset.passkey === 'register' ? register() : signIn()).catch((error) => {
      const texts = JSON.parse(form.dataset.texts);
      problem.textContent = texts[error.code] || texts[error.name] || texts.other;
      problem.hidden = false;
      button.disabled = false;
    });
  });
  if (issuer)
    issuer.addEventListener('submit', (event) => {
      event.preventDefault();
      const query = new URLSearchParams({ mail: issuer.elements.mail.value, returnTo: form.dataset.returnTo });
      location.assign('/v1/sign-in?' + query);
    });
})();
`;
