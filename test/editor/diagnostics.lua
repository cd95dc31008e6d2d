-- Opens one file in Neovim with a clangd as its language server and prints the diagnostics that the editor shows.
-- Exit status 1 if no diagnostic whose code contains LATCHKEY_EXPECT (all of them if it is empty) came in time.
-- Set by ./run: LATCHKEY_CLANGD, LATCHKEY_BUILD (folder with compile_commands.json), LATCHKEY_FILE, LATCHKEY_EXPECT,
-- LATCHKEY_SECONDS.
local server = assert(os.getenv('LATCHKEY_CLANGD'))
local build = assert(os.getenv('LATCHKEY_BUILD'))
local file = assert(os.getenv('LATCHKEY_FILE'))
local expect = os.getenv('LATCHKEY_EXPECT') or ''
local seconds = tonumber(os.getenv('LATCHKEY_SECONDS') or '60')

local function say(text)
  io.stdout:write(text, '\n')
end

local function finish(status)
  for _, client in pairs(vim.lsp.get_active_clients()) do
    client.stop()
    vim.wait(5000, client.is_stopped, 20)
  end
  io.stdout:flush()
  vim.cmd(status == 0 and 'qall!' or 'cquit ' .. status)
end

vim.opt.swapfile = false
vim.cmd('edit ' .. vim.fn.fnameescape(file))
local buffer = vim.api.nvim_get_current_buf()
vim.bo[buffer].filetype = 'cpp'

local client = vim.lsp.start_client({
  name = 'latchkey',
  cmd = { server, '--compile-commands-dir=' .. build, '--background-index=false', '--log=error' },
  root_dir = vim.fn.fnamemodify(file, ':h'),
})
if not client then
  say('cannot start ' .. server)
  return finish(2)
end
vim.lsp.buf_attach_client(buffer, client)

local function wanted()
  return vim.tbl_filter(function(diagnostic)
    local lsp = (diagnostic.user_data or {}).lsp or {}
    return tostring(lsp.code or diagnostic.code or ''):find(expect, 1, true) ~= nil
  end, vim.diagnostic.get(buffer))
end

vim.wait(seconds * 1000, function()
  return #wanted() > 0
end, 50)

local names = { 'error', 'warning', 'info', 'hint' }
for _, diagnostic in ipairs(vim.diagnostic.get(buffer)) do
  local lsp = (diagnostic.user_data or {}).lsp or {}
  say(string.format('%s:%d:%d: %s: %s [%s]', vim.fn.fnamemodify(file, ':t'), diagnostic.lnum + 1, diagnostic.col + 1,
    names[diagnostic.severity] or '?', diagnostic.message:gsub('\n.*', ''), tostring(lsp.code or diagnostic.code or '')))
  for _, related in ipairs(lsp.relatedInformation or {}) do
    say(string.format('    %d: %s', related.location.range.start.line + 1, related.message))
  end
end
finish(#wanted() > 0 and 0 or 1)
