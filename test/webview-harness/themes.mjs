/** VS Code's colours as a webview finds them: `--vscode-…` on <html>, and a class on <body>. */

const fonts = {
  'font-family': '"Segoe WPC", "Segoe UI", system-ui, "Ubuntu", "DejaVu Sans", sans-serif', 'font-size': '13px', 'font-weight': 'normal',
  'editor-font-family': '"Droid Sans Mono", "DejaVu Sans Mono", monospace', 'editor-font-size': '13px',
};

const dark = {
  'foreground': '#CCCCCC', 'descriptionForeground': '#9D9D9D', 'errorForeground': '#F85149', 'focusBorder': '#0078D4', 'icon-foreground': '#CCCCCC',
  'editor-background': '#1F1F1F', 'editor-foreground': '#CCCCCC', 'panel-background': '#181818', 'panel-border': '#2B2B2B',
  'editorWidget-background': '#202020', 'editorWidget-border': '#454545', 'editorHoverWidget-background': '#202020', 'editorHoverWidget-border': '#454545',
  'button-background': '#0078D4', 'button-foreground': '#FFFFFF', 'button-border': '#ffffff1a', 'button-hoverBackground': '#026EC1',
  'button-secondaryBackground': '#313131', 'button-secondaryForeground': '#CCCCCC', 'button-secondaryHoverBackground': '#3C3C3C',
  'input-background': '#313131', 'input-border': '#3C3C3C', 'input-foreground': '#CCCCCC', 'input-placeholderForeground': '#989898',
  'inputOption-activeBackground': '#2489DB82', 'inputOption-activeBorder': '#2488DB', 'inputOption-activeForeground': '#FFFFFF',
  'dropdown-background': '#313131', 'dropdown-border': '#3C3C3C', 'dropdown-foreground': '#CCCCCC', 'dropdown-listBackground': '#1F1F1F',
  'checkbox-background': '#313131', 'checkbox-border': '#3C3C3C', 'badge-background': '#616161', 'badge-foreground': '#F8F8F8',
  'menu-background': '#1F1F1F', 'menu-foreground': '#CCCCCC', 'menu-border': '#454545', 'menu-selectionBackground': '#0078d4', 'menu-selectionForeground': '#FFFFFF',
  'list-hoverBackground': '#2A2D2E', 'list-activeSelectionBackground': '#04395E', 'list-activeSelectionForeground': '#FFFFFF',
  'list-inactiveSelectionBackground': '#37373D', 'list-focusOutline': '#0078D4', 'toolbar-hoverBackground': '#5A5D5E50', 'progressBar-background': '#0078D4',
  'problemsErrorIcon-foreground': '#F14C4C', 'problemsWarningIcon-foreground': '#CCA700', 'problemsInfoIcon-foreground': '#3794FF', 'testing-iconPassed': '#73C991',
  'sash-hoverBorder': '#0078D4', 'debugIcon-startForeground': '#89D185', 'debugIcon-stopForeground': '#F48771', 'textLink-foreground': '#4daafc',
  'charts-foreground': '#CCCCCC', 'charts-lines': '#CCCCCC80', 'charts-red': '#F14C4C', 'charts-blue': '#3794FF', 'charts-yellow': '#CCA700',
  'charts-orange': '#D18616', 'charts-green': '#89D185', 'charts-purple': '#B180D7', 'scrollbarSlider-background': '#79797966',
};

const light = {
  ...dark,
  'foreground': '#3B3B3B', 'descriptionForeground': '#3B3B3B', 'focusBorder': '#005FB8', 'icon-foreground': '#3B3B3B',
  'editor-background': '#FFFFFF', 'editor-foreground': '#3B3B3B', 'panel-background': '#F8F8F8', 'panel-border': '#E5E5E5',
  'editorWidget-background': '#F8F8F8', 'editorWidget-border': '#C8C8C8', 'editorHoverWidget-background': '#F8F8F8', 'editorHoverWidget-border': '#C8C8C8',
  'button-background': '#005FB8', 'button-border': '#0000001a', 'button-hoverBackground': '#0258A8',
  'button-secondaryBackground': '#E5E5E5', 'button-secondaryForeground': '#3B3B3B', 'button-secondaryHoverBackground': '#CCCCCC',
  'input-background': '#FFFFFF', 'input-border': '#CECECE', 'input-foreground': '#3B3B3B', 'input-placeholderForeground': '#767676',
  'inputOption-activeBackground': '#BED6ED', 'inputOption-activeBorder': '#005FB8', 'inputOption-activeForeground': '#000000',
  'dropdown-background': '#FFFFFF', 'dropdown-border': '#CECECE', 'dropdown-foreground': '#3B3B3B', 'dropdown-listBackground': '#FFFFFF',
  'checkbox-background': '#F8F8F8', 'checkbox-border': '#CECECE', 'badge-background': '#CCCCCC', 'badge-foreground': '#3B3B3B',
  'menu-background': '#FFFFFF', 'menu-foreground': '#3B3B3B', 'menu-border': '#CECECE', 'menu-selectionBackground': '#005FB8',
  'list-hoverBackground': '#F2F2F2', 'list-activeSelectionBackground': '#E8E8E8', 'list-activeSelectionForeground': '#000000',
  'list-inactiveSelectionBackground': '#E4E6F1', 'list-focusOutline': '#005FB8', 'toolbar-hoverBackground': '#B8B8B850', 'progressBar-background': '#005FB8',
  'problemsErrorIcon-foreground': '#E51400', 'problemsWarningIcon-foreground': '#BF8803', 'problemsInfoIcon-foreground': '#1A85FF',
  'debugIcon-startForeground': '#388A34', 'debugIcon-stopForeground': '#A1260D',
  'charts-foreground': '#3B3B3B', 'charts-lines': '#3B3B3B80', 'charts-red': '#E51400', 'charts-blue': '#1A85FF', 'charts-yellow': '#BF8803',
  'charts-orange': '#D18616', 'charts-green': '#388A34', 'charts-purple': '#652D90',
};

const contrast = {
  'foreground': '#FFFFFF', 'descriptionForeground': '#FFFFFFB3', 'errorForeground': '#F48771', 'focusBorder': '#F38518', 'contrastBorder': '#6FC3DF',
  'contrastActiveBorder': '#F38518', 'editor-background': '#000000', 'editor-foreground': '#FFFFFF', 'panel-background': '#000000', 'panel-border': '#6FC3DF',
  'editorWidget-background': '#0C141F', 'editorWidget-border': '#6FC3DF', 'editorHoverWidget-background': '#0C141F', 'editorHoverWidget-border': '#6FC3DF',
  'button-foreground': '#FFFFFF', 'button-border': '#6FC3DF', 'button-background': '#000000', 'button-secondaryForeground': '#FFFFFF',
  'input-background': '#000000', 'input-border': '#6FC3DF', 'input-foreground': '#FFFFFF', 'input-placeholderForeground': '#FFFFFFB3',
  'inputOption-activeBackground': '#00000000', 'inputOption-activeBorder': '#6FC3DF', 'inputOption-activeForeground': '#FFFFFF',
  'dropdown-background': '#000000', 'dropdown-border': '#6FC3DF', 'dropdown-foreground': '#FFFFFF', 'dropdown-listBackground': '#000000',
  'checkbox-background': '#000000', 'checkbox-border': '#6FC3DF', 'badge-background': '#000000', 'badge-foreground': '#FFFFFF',
  'menu-background': '#000000', 'menu-foreground': '#FFFFFF', 'menu-border': '#6FC3DF', 'menu-selectionBorder': '#F38518',
  'list-focusOutline': '#F38518', 'progressBar-background': '#6FC3DF', 'sash-hoverBorder': '#F38518',
  'problemsErrorIcon-foreground': '#F48771', 'problemsWarningIcon-foreground': '#FFD370', 'problemsInfoIcon-foreground': '#3794FF', 'testing-iconPassed': '#73C991',
  'debugIcon-startForeground': '#89D185', 'debugIcon-stopForeground': '#F48771',
  'charts-foreground': '#FFFFFF', 'charts-lines': '#FFFFFF80', 'charts-red': '#F48771', 'charts-blue': '#3794FF', 'charts-yellow': '#FFD370',
  'charts-orange': '#D18616', 'charts-green': '#89D185', 'charts-purple': '#B180D7',
};

export const themes = {
  dark: { variables: { ...fonts, ...dark }, bodyClass: 'vscode-dark', background: 'editor-background' },
  light: { variables: { ...fonts, ...light }, bodyClass: 'vscode-light', background: 'editor-background' },
  contrast: { variables: { ...fonts, ...contrast }, bodyClass: 'vscode-high-contrast', background: 'editor-background' },
};
