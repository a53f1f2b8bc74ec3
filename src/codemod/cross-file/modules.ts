import { ts } from 'ts-morph';
import { tokensNamed } from './tokens.ts';

/** The names that a file has for the default exports of others. */
export function defaultsIn(source: ts.SourceFile): readonly ts.Identifier[] {
  const found: ts.Identifier[] = [];
  for (const statement of source.statements) {
    if (ts.isImportDeclaration(statement) && statement.importClause?.name) found.push(statement.importClause.name);
    if (ts.isImportEqualsDeclaration(statement)) found.push(statement.name);
    if (ts.isVariableStatement(statement))
      for (const { name, initializer } of statement.declarationList.declarations)
        if (ts.isIdentifier(name) && initializer && ts.isCallExpression(initializer)) found.push(name);
  }
  return found;
}

/** Where a file loads modules in the way of CommonJS, without giving them a name. */
export function requiredIn(source: ts.SourceFile): readonly ts.CallExpression[] {
  return tokensNamed('require', source)
    .map(({ parent }) => parent)
    .filter(ts.isCallExpression)
    .filter(({ parent }) => !ts.isVariableDeclaration(parent));
}
