// Names that can be shortened in what is published: members of classes that no application sees.
//
// The compiler says what every name in these sources is. One that is also something else anywhere (a field of an object,
// of the wire or of the public interface, a string) keeps its spelling, and so does one it cannot say anything about.
import path from 'node:path';
import ts from 'typescript';

/** What is not exported from a package's entry: the members are nobody else's business, private or not. */
const INNER = new Set([
  'Core', 'Direct', 'RoomBoard', 'Session', 'Rooms', 'Room', 'RecentSet',
  'Pending', 'Pull', 'Waiting', 'Registration', 'OnlineCount', 'Origin', 'Attachment', 'Part', 'Attributes', 'Place',
  'Model', 'Step', 'Sight', 'Lag', 'Way', 'Route', 'Device',
]);

/** The names, for the sources that these files import. */
export function privateNames(files) {
  const program = ts.createProgram(files, {
    noEmit: true, target: ts.ScriptTarget.ESNext, module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler,
    strict: true, customConditions: ['@hawker/source'], types: [], lib: ['lib.esnext.d.ts', 'lib.dom.d.ts'],
  });
  const checker = program.getTypeChecker();
  const hidden = new Set();
  const other = new Set();
  for (const source of program.getSourceFiles()) {
    if (!source.isDeclarationFile && !source.fileName.includes(`${path.sep}node_modules${path.sep}`)) visit(source);
  }
  return [...hidden].filter((name) => !other.has(name));

  function visit(node) {
    if (ts.isStringLiteralLike(node)) other.add(node.text);
    if (ts.isIdentifier(node) && isPropertyName(node)) (isInner(node) ? hidden : other).add(node.text);
    ts.forEachChild(node, visit);
  }

  /** Whether it names a property, and not a variable. */
  function isPropertyName(name) {
    const { parent } = name;
    if (ts.isPropertyAccessExpression(parent)) return parent.name === name;
    if (ts.isBindingElement(parent)) return ts.isObjectBindingPattern(parent.parent) && (parent.propertyName ?? parent.name) === name;
    if (ts.isParameter(parent)) return parent.name === name && ts.isParameterPropertyDeclaration(parent, parent.parent);
    return (ts.isTypeElement(parent) || ts.isClassElement(parent) || ts.isObjectLiteralElement(parent)) && parent.name === name;
  }

  /** What the name means: of a literal or a pattern it is the field of the type that is wanted or taken apart there. */
  function declarationsOf(name) {
    const { parent } = name;
    const from = ts.isObjectLiteralExpression(parent.parent) ? checker.getContextualType(parent.parent)
      : ts.isBindingElement(parent) ? checker.getTypeAtLocation(parent.parent) : null;
    const symbol = from === null ? checker.getSymbolAtLocation(name) : from && checker.getPropertyOfType(from, name.text);
    return symbol?.declarations ?? [];
  }

  /** Whether it is a member of an inner class or interface, or a private one. */
  function isInner(name) {
    const declarations = declarationsOf(name);
    return declarations.length > 0 && declarations.every((declaration) => {
      const owner = ts.isParameter(declaration) ? declaration.parent.parent : declaration.parent;
      if (!owner || !(ts.isClassLike(owner) || ts.isInterfaceDeclaration(owner))) return false;
      const hiddenHere = ts.canHaveModifiers(declaration)
        && (ts.getModifiers(declaration) ?? []).some(({ kind }) => kind === ts.SyntaxKind.PrivateKeyword);
      return hiddenHere || INNER.has(owner.name?.text ?? '');
    });
  }
}
