const NAMESPACE = 'http://www.w3.org/2000/svg';

/** An element of SVG. Without a style attribute, which the policy of the page forbids: classes do that. */
export function svg(
  name: string,
  attributes: Readonly<Record<string, string | number>>,
  ...children: readonly (Node | string)[]
): SVGElement {
  const element = document.createElementNS(NAMESPACE, name);
  for (const [attribute, value] of Object.entries(attributes)) element.setAttribute(attribute, `${value}`);
  element.append(...children);
  return element;
}
