import type { MailContent } from './mail-content.js';

const PAGE = 'margin:0;padding:24px 12px;background:#f3f4f6;color:#1b1f24;font:16px/1.55 system-ui,sans-serif';
const CARD = 'max-width:600px;margin:0 auto;padding:28px;background:#fff;border:1px solid #d0d7de;border-radius:12px';
const BUTTON =
  'display:inline-block;padding:12px 22px;border-radius:8px;background:#0b57d0;color:#fff;font-weight:600;text-decoration:none';
const SOFT = 'color:#57606a;font-size:14px';

/** The mail as plain text. The link stands in a line of its own, so that programs find its end. */
export function mailText({ opening, facts = [], action, closing = [] }: MailContent): string {
  const parts = [
    ...opening,
    ...(facts.length > 0 ? [facts.map(({ label, value }) => `${label}: ${value}`).join('\n')] : []),
    ...(action ? [`${action.label}:\n${action.url}`] : []),
    ...closing,
  ];
  return `${parts.join('\n\n')}\n`;
}

/** The mail as HTML: one card, no pictures, nothing that is fetched. What people typed is escaped. */
export function mailHtml({ language, subject, opening, facts = [], action, closing = [] }: MailContent): string {
  const paragraph = (text: string, style = ''): string =>
    `<p${style ? ` style="${style}"` : ''}>${escaped(text).replaceAll('\n', '<br>')}</p>`;
  const rows = facts.map(
    ({ label, value }) =>
      `<tr><th align="left" valign="top" style="padding:4px 16px 4px 0;${SOFT}">${escaped(label)}</th><td style="padding:4px 0">${escaped(value)}</td></tr>`,
  );
  const button = action && `<p><a href="${escaped(action.url)}" style="${BUTTON}">${escaped(action.label)}</a></p>`;
  return [
    `<!doctype html><html lang="${language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${escaped(subject)}</title></head>`,
    `<body style="${PAGE}"><div style="${CARD}">`,
    ...opening.map((text) => paragraph(text)),
    ...(rows.length > 0 ? [`<table role="presentation" style="margin:0 0 16px">${rows.join('')}</table>`] : []),
    ...(button ? [button] : []),
    ...closing.map((text) => paragraph(text, SOFT)),
    '</div></body></html>',
  ].join('\n');
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
