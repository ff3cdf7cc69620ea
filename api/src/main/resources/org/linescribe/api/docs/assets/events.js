'use strict';

/** Shows asyncapi.json: each channel, its parameters, and what either side sends. */
(async () => {
  const main = document.getElementById('events');

  const element = (tag, text, ...children) => {
    const made = document.createElement(tag);
    if (text) made.textContent = text;
    made.append(...children);
    return made;
  };

  try {
    const response = await fetch('../asyncapi.json');
    if (!response.ok) throw new Error('asyncapi.json: ' + response.status);
    const document_ = await response.json();
    const follow = node => {
      let found = node;
      while (found && found.$ref) {
        found = found.$ref.slice(2).split('/').reduce((at, key) => at[key], document_);
      }
      return found;
    };
    const type = schema => {
      if (!schema) return '';
      if (schema.$ref) return type(follow(schema));
      if ('const' in schema) return JSON.stringify(schema.const);
      if (schema.enum) return schema.enum.map(value => JSON.stringify(value)).join(' | ');
      if (schema.oneOf) return schema.oneOf.map(type).join(' | ');
      return [schema.type ?? 'any'].flat().join(' | ');
    };
    const fields = schema => {
      const whole = follow(schema);
      const rows = Object.entries(whole?.properties ?? {}).map(([name, member]) =>
        element('tr', '',
          element('td', '', element('code', name)),
          element('td', type(member)),
          element('td', (whole.required ?? []).includes(name) ? 'always' : ''),
          element('td', [follow(member)?.description, 'default' in member ? 'default ' + member.default : '']
            .filter(Boolean).join('; '))));
      return rows.length ? [element('table', '', ...rows)] : [];
    };
    const message = (name, reference) => {
      const found = follow(reference);
      const examples = (found.examples ?? []).map(example =>
        element('pre', JSON.stringify(example.payload, null, 2)));
      const variants = follow(found.payload)?.oneOf ?? [found.payload];
      return element('section', '', element('h4', name), element('p', found.title),
        ...variants.flatMap(fields), ...examples);
    };
    /** Links are followed, other marks of Markdown are left out. */
    const words = (tag, text) => {
      const made = element(tag);
      for (const part of text.replace(/\*\*|`/g, '').split(/(\[[^\]]+\]\(\/[^)]*\))/)) {
        const link = part.match(/^\[([^\]]+)\]\((\/[^)]*)\)$/);
        if (link) {
          const anchor = element('a', link[1]);
          anchor.href = '..' + link[2];
          made.append(anchor);
        } else {
          made.append(part);
        }
      }
      return made;
    };
    const table = text => element('table', '', ...text.split('\n')
      .filter(line => !/^[|-]+$/.test(line))
      .map(line => element('tr', '', ...line.split('|').slice(1, -1).map(cell => words('td', cell.trim())))));
    const paragraphs = text => (text ?? '').trim().split(/\n\n+/)
      .map(part => part.startsWith('|') ? table(part) : words('p', part));

    main.replaceChildren(element('h1', document_.info.title), ...paragraphs(document_.info.description));
    for (const [name, channel] of Object.entries(document_.channels)) {
      const section = element('article', '', element('h2', channel.address), element('p', channel.title));
      section.id = name;
      section.append(...paragraphs(channel.description));
      const query = channel.bindings?.ws?.query;
      if (query) section.append(element('h3', 'Query'), ...fields(query));
      for (const [action, heading] of [['receive', 'The client sends'], ['send', 'The gateway sends']]) {
        const keys = Object.values(document_.operations)
          .filter(operation => operation.action === action && operation.channel.$ref === '#/channels/' + name)
          .flatMap(operation => operation.messages.map(reference => reference.$ref.split('/').pop()));
        if (keys.length) {
          section.append(element('h3', heading), ...keys.map(key => message(key, channel.messages[key])));
        }
      }
      main.append(section);
    }
  } catch (failure) {
    main.replaceChildren(element('p', 'The events cannot be shown: ' + failure.message));
    throw failure;
  }
})();
