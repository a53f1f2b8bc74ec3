/** PRAGMAs that SQLite knows, and the values of those whose values are words. From its documentation, 3.54. */
const WORDS: Readonly<Record<string, readonly string[]>> = {
  auto_vacuum: ['none', 'full', 'incremental'],
  journal_mode: ['delete', 'truncate', 'persist', 'memory', 'wal', 'off'],
  locking_mode: ['normal', 'exclusive'],
  secure_delete: ['fast'],
  synchronous: ['off', 'normal', 'full', 'extra'],
  temp_store: ['default', 'file', 'memory'],
};

const NAMES = new Set([
  ...[
    'analysis_limit',
    'application_id',
    'auto_vacuum',
    'automatic_index',
    'busy_timeout',
    'cache_size',
    'cache_spill',
  ],
  ...[
    'case_sensitive_like',
    'cell_size_check',
    'checkpoint_fullfsync',
    'collation_list',
    'compile_options',
    'count_changes',
  ],
  ...[
    'data_store_directory',
    'data_version',
    'database_list',
    'default_cache_size',
    'defer_foreign_keys',
    'empty_result_callbacks',
  ],
  ...[
    'encoding',
    'foreign_key_check',
    'foreign_key_list',
    'foreign_keys',
    'freelist_count',
    'full_column_names',
    'fullfsync',
  ],
  ...['function_list', 'hard_heap_limit', 'ignore_check_constraints', 'incremental_vacuum', 'index_info', 'index_list'],
  ...[
    'index_xinfo',
    'integrity_check',
    'journal_mode',
    'journal_size_limit',
    'legacy_alter_table',
    'legacy_file_format',
  ],
  ...[
    'locking_mode',
    'max_page_count',
    'mmap_size',
    'module_list',
    'optimize',
    'page_count',
    'page_size',
    'parser_trace',
  ],
  ...[
    'pragma_list',
    'query_only',
    'quick_check',
    'read_uncommitted',
    'recursive_triggers',
    'reverse_unordered_selects',
  ],
  ...[
    'schema_version',
    'secure_delete',
    'short_column_names',
    'shrink_memory',
    'soft_heap_limit',
    'stats',
    'synchronous',
  ],
  ...['table_info', 'table_list', 'table_xinfo', 'temp_store', 'temp_store_directory', 'threads', 'trusted_schema'],
  ...[
    'user_version',
    'vdbe_addoptrace',
    'vdbe_debug',
    'vdbe_listing',
    'vdbe_trace',
    'wal_autocheckpoint',
    'wal_checkpoint',
  ],
  ...['writable_schema'],
  // Of builds with encryption.
  ...[
    'key',
    'rekey',
    'hexkey',
    'hexrekey',
    'textkey',
    'textrekey',
    'cipher',
    'legacy',
    'kdf_iter',
    'cipher_compatibility',
  ],
]);

/** The name that a misspelt one was meant to be; null where it is known, or where none is near. */
export function nearestPragma(name: string): string | null {
  return NAMES.has(name) ? null : nearest(name, NAMES);
}

/** What is wrong with a value: the values that there are, and the one that was meant. */
export function wrongValue(
  name: string,
  value: string,
): { readonly allowed: readonly string[]; readonly meant: string | null } | null {
  const allowed = WORDS[name];
  if (!allowed || allowed.includes(value) || /^[-+]?\d+$/.test(value) || /^(?:on|off|yes|no|true|false)$/.test(value)) {
    if (name !== 'journal_mode' || !allowed || allowed.includes(value)) return null;
  }
  return { allowed, meant: nearest(value, allowed) };
}

/** The nearest of some words, if it is no more than two letters away. */
export function nearest(word: string, words: Iterable<string>): string | null {
  let best: string | null = null;
  let least = 3;
  for (const candidate of words) {
    const distance = editDistance(word, candidate, least);
    if (distance < least) {
      least = distance;
      best = candidate;
    }
  }
  return best;
}

function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit;
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + same));
    }
    row = next;
  }
  return row[b.length] ?? limit;
}
