const { createHash } = require('node:crypto');
const { readFile } = require('node:fs/promises');
const { join } = require('node:path');
const { build } = require('esbuild');

const { version } = require('../package.json');

const LICENSES = '/*! With Valibot (Fabian Hiller), under the MIT License. */';

/**
 * Builds the page as a single HTML document, and a Content-Security-Policy that allows only its own script and style. In
 * JavaScript, because a plugin of esbuild loads it with require().
 *
 * @returns {Promise<{ html: string, contentSecurityPolicy: string }>}
 */
async function buildPage() {
  const template = put(await readFile(join(__dirname, 'index.html'), 'utf8'), 'Version 0.0.0', `Version ${version}`);
  const [script, style] = await Promise.all([bundle('main.ts'), bundle('style.css')]);
  return {
    html: put(
      put(template, '<link rel="stylesheet" href="style.css">', `<style>${style}</style>`),
      '<script src="main.ts"></script>',
      `<script>${script}</script>`,
    ),
    contentSecurityPolicy: [
      "default-src 'none'",
      `script-src '${hash(script)}'`,
      `style-src '${hash(style)}'`,
      "connect-src 'self'",
      'img-src data:',
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
    ].join('; '),
  };
}

/** esbuild escapes `</script>` and `</style>` in its output, so it is safe between these tags. */
async function bundle(entry) {
  const { outputFiles } = await build({
    entryPoints: [join(__dirname, entry)],
    bundle: true,
    minify: true,
    write: false,
    format: 'iife',
    target: ['chrome109', 'firefox115', 'safari16'],
    banner: { js: LICENSES },
  });
  return outputFiles[0].text;
}

function put(template, tag, content) {
  if (!template.includes(tag)) throw new Error(`The template has no ${tag}`);
  // A function, because `$&` is special in a replacement text.
  return template.replace(tag, () => content);
}

const hash = (text) => `sha256-${createHash('sha256').update(text).digest('base64')}`;

module.exports = { buildPage };
