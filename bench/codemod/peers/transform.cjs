// What can be written for jscodeshift in an afternoon: `new Database(…)` of better-sqlite3 and `new DatabaseSync(…)` become
// `openDatabase(…)` with its import. It follows no path and no other module.
const ENTRIES = { 'better-sqlite3': 'unbusy/better-sqlite3', 'node:sqlite': 'unbusy/node-sqlite' };

module.exports = ({ source }, { jscodeshift: j }) => {
  const root = j(source);
  let changed = false;
  for (const [module, entry] of Object.entries(ENTRIES)) {
    const imports = root.find(j.ImportDeclaration, { source: { value: module } });
    const names = new Set();
    imports.find(j.ImportDefaultSpecifier).forEach(({ node }) => names.add(node.local.name));
    imports
      .find(j.ImportSpecifier)
      .filter(({ node }) => node.imported.name === 'DatabaseSync')
      .forEach(({ node }) => names.add((node.local ?? node.imported).name));
    const opens = root.find(j.NewExpression).filter(({ node }) => names.has(node.callee.name));
    if (opens.size() === 0) continue;
    opens.replaceWith(({ node }) => j.callExpression(j.identifier('openDatabase'), node.arguments));
    imports.at(0).insertAfter(j.importDeclaration([j.importSpecifier(j.identifier('openDatabase'))], j.literal(entry)));
    changed = true;
  }
  return changed ? root.toSource() : undefined;
};
module.exports.parser = 'tsx';
