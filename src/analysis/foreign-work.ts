/**
 * Work that takes its time outside of the database: the network, timers, files, other processes, people, models. A lock
 * held while a program waits for one of these is held for as long as that takes.
 */

/** Packages whose promises wait for something outside; what each waits for, in words for people. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  'a network request': [
    ...[
      'axios',
      'got',
      'ky',
      'node-fetch',
      'cross-fetch',
      'isomorphic-fetch',
      'isomorphic-unfetch',
      'undici',
      'superagent',
    ],
    ...[
      'needle',
      'request',
      'request-promise',
      'request-promise-native',
      'bent',
      'phin',
      'wretch',
      'ofetch',
      'make-fetch-happen',
    ],
    ...[
      'graphql-request',
      '@apollo/client',
      'socket.io-client',
      'ws',
      'mwn',
      'rss-parser',
      'feedparser',
      'ssh2',
      'basic-ftp',
    ],
    ...[
      '@octokit/rest',
      '@octokit/core',
      '@octokit/graphql',
      'octokit',
      '@slack/web-api',
      '@slack/bolt',
      'discord.js',
      'telegraf',
    ],
    ...[
      'grammy',
      'node-telegram-bot-api',
      'twitter-api-v2',
      'twilio',
      '@sendgrid/mail',
      'resend',
      'stripe',
      '@notionhq/client',
    ],
    ...[
      'googleapis',
      'google-auth-library',
      'firebase-admin',
      'firebase',
      '@supabase/supabase-js',
      'contentful',
      'algoliasearch',
    ],
    ...[
      '@google-cloud/storage',
      '@google-cloud/pubsub',
      'aws-sdk',
      '@azure/storage-blob',
      '@elastic/elasticsearch',
      'meilisearch',
    ],
    ...[
      'typesense',
      'ytdl-core',
      'web-push',
      'node-imap',
      'imapflow',
      'ldapjs',
      'openid-client',
      'ping',
      'evilscan',
      'node-nmap',
    ],
  ],
  'a mail server': ['nodemailer', 'emailjs', 'mailgun.js', 'postmark'],
  'a model call': [
    ...[
      'openai',
      '@anthropic-ai/sdk',
      '@google/generative-ai',
      '@google/genai',
      '@mistralai/mistralai',
      'cohere-ai',
      'groq-sdk',
    ],
    ...['ollama', 'replicate', 'ai', 'langchain', 'llamaindex', '@huggingface/inference', '@xenova/transformers'],
    ...[
      '@huggingface/transformers',
      'node-llama-cpp',
      'fastembed',
      'together-ai',
      'voyageai',
      '@anthropic-ai/claude-agent-sdk',
    ],
    ...['@modelcontextprotocol/sdk'],
  ],
  'a queue': [
    'bullmq',
    'bull',
    'bee-queue',
    'agenda',
    'amqplib',
    'kafkajs',
    'rhea',
    'mqtt',
    'nats',
    'pg-boss',
    'graphile-worker',
  ],
  'another database': [
    'ioredis',
    'redis',
    'pg',
    'mysql',
    'mysql2',
    'mongodb',
    'mongoose',
    'cassandra-driver',
    'neo4j-driver',
    'memcached',
  ],
  'a browser': [
    'puppeteer',
    'puppeteer-core',
    'playwright',
    'playwright-core',
    '@playwright/test',
    'selenium-webdriver',
    'webdriverio',
  ],
  'a file': [
    'fs-extra',
    'graceful-fs',
    'globby',
    'fast-glob',
    'tinyglobby',
    'glob',
    'rimraf',
    'del',
    'tar',
    'unzipper',
    'archiver',
    'extract-zip',
    'sharp',
    'jimp',
    'pdf-parse',
    'exceljs',
    'csv-parse',
    'write-file-atomic',
  ],
  'another process': ['execa', 'cross-spawn', 'zx', 'tinyexec', 'nano-spawn', 'shelljs', 'fluent-ffmpeg', 'dockerode'],
  'a person': ['inquirer', '@inquirer/prompts', 'prompts', 'enquirer', '@clack/prompts', 'readline-sync', 'read'],
  'a timer': ['delay', 'p-retry', 'p-wait-for', 'sleep-promise', 'wait-on', 'p-event', 'p-timeout'],
  'password hashing': ['bcrypt', 'bcryptjs', 'argon2', '@node-rs/bcrypt', '@node-rs/argon2', 'scrypt-js'],
  'a lock': ['proper-lockfile', 'redlock', 'async-lock', 'lockfile'],
};

/** Scopes of which every package waits for a server. */
const SCOPES: Readonly<Record<string, string>> = {
  '@aws-sdk/': 'a network request',
  '@azure/': 'a network request',
  '@google-cloud/': 'a network request',
  '@langchain/': 'a model call',
  '@ai-sdk/': 'a model call',
  '@octokit/': 'a network request',
  '@slack/': 'a network request',
  '@discordjs/': 'a network request',
  '@sendgrid/': 'a mail server',
};

/** Modules of the platform. A path limits the entry to some of their exports. */
const BUILTINS: Readonly<Record<string, { readonly what: string; readonly names?: readonly string[] }>> = {
  'fs/promises': { what: 'a file' },
  fs: { what: 'a file' },
  'timers/promises': { what: 'a timer' },
  timers: { what: 'a timer' },
  child_process: { what: 'another process' },
  http: { what: 'a network request' },
  https: { what: 'a network request' },
  http2: { what: 'a network request' },
  net: { what: 'a network request' },
  tls: { what: 'a network request' },
  dgram: { what: 'a network request' },
  dns: { what: 'a network request' },
  'dns/promises': { what: 'a network request' },
  readline: { what: 'a person or a stream' },
  'readline/promises': { what: 'a person or a stream' },
  'stream/promises': { what: 'a stream' },
  stream: { what: 'a stream' },
  events: { what: 'an event', names: ['once', 'on'] },
  crypto: { what: 'password hashing', names: ['scrypt', 'pbkdf2', 'hkdf', 'generateKeyPair'] },
  worker_threads: { what: 'a worker' },
  zlib: { what: 'compression' },
};

/** Globals of Node, Bun, Deno and browsers. */
const GLOBALS: Readonly<Record<string, string>> = {
  fetch: 'a network request',
  'globalThis.fetch': 'a network request',
  'window.fetch': 'a network request',
  setTimeout: 'a timer',
  setInterval: 'a timer',
  setImmediate: 'a timer',
  'globalThis.setTimeout': 'a timer',
  'Bun.sleep': 'a timer',
  'Bun.write': 'a file',
  'Bun.file': 'a file',
  'Bun.spawn': 'another process',
  'Bun.$': 'another process',
  'Bun.password.hash': 'password hashing',
  'Bun.password.verify': 'password hashing',
  'Deno.readTextFile': 'a file',
  'Deno.readFile': 'a file',
  'Deno.writeTextFile': 'a file',
  'Deno.writeFile': 'a file',
  WebSocket: 'a network request',
  EventSource: 'a network request',
};

const WHAT = new Map(Object.entries(PACKAGES).flatMap(([what, names]) => names.map((name) => [name, what] as const)));

/** What the promise of a package's export waits for; null where the package is not known for waiting. */
export function foreignWorkOf(module: string, path: readonly string[]): string | null {
  const builtin = BUILTINS[module.replace(/^node:/, '')];
  if (builtin) return !builtin.names || builtin.names.includes(path[0] ?? '') ? builtin.what : null;
  const name = packageOf(module);
  const known = WHAT.get(name);
  if (known) return known;
  const scope = Object.keys(SCOPES).find((prefix) => name.startsWith(prefix));
  return scope === undefined ? null : (SCOPES[scope] ?? null);
}

/** What a global's promise waits for. */
export function foreignWorkOfGlobal(path: readonly string[]): string | null {
  for (let length = path.length; length > 0; length -= 1) {
    const what = GLOBALS[path.slice(0, length).join('.')];
    if (what) return what;
  }
  return null;
}

/**
 * What a function waits for that is given to a method by this name: an emitter calls it when something happens. The order to
 * stop is no work: what is held until then is held on purpose.
 */
export function eventOf(method: string, event: string | null): string | null {
  return LISTENING.has(method) && !STOPPING.test(event ?? '') ? 'an event' : null;
}

const STOPPING = /^(?:abort|disconnect|shutdown|SIG[A-Z]+)$/;

const LISTENING = new Set([
  ...['on', 'once', 'addListener', 'prependListener', 'prependOnceListener', 'addEventListener'],
]);

/** `@scope/name/file` and `name/file` belong to the package before the file. */
function packageOf(specifier: string): string {
  const parts = specifier.split('/');
  return parts.slice(0, specifier.startsWith('@') ? 2 : 1).join('/');
}
