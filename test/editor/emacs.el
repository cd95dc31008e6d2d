;; Emacs with Eglot and latchkey-clangd as its language server, without a display: prints what it shows of one file.
;;
;;   LATCHKEY_CLANGD=BIN LATCHKEY_BUILD=DIR LATCHKEY_FILE=FILE emacs -q --batch -l test/editor/emacs.el
;;
;; Status 1 if nothing of Latchkey is shown within a minute. Needs Eglot (Debian: elpa-eglot; part of Emacs 29).
(package-initialize)
(require 'eglot)
(setq eglot-sync-connect 30)
(add-to-list 'eglot-server-programs
             `((c-mode c++-mode) . (,(getenv "LATCHKEY_CLANGD")
                                    ,(concat "--compile-commands-dir=" (getenv "LATCHKEY_BUILD")) "--log=error")))
(find-file (getenv "LATCHKEY_FILE"))
(setq project-find-functions (list (lambda (dir) (cons 'transient dir))))
(apply #'eglot (eglot--guess-contact))
(let ((found nil) (rounds 0))
  (while (and (not found) (< rounds 120))
    (accept-process-output nil 0.5)
    (flymake-start)
    (setq rounds (1+ rounds)
          found (seq-filter (lambda (d) (string-match-p "latchkey-" (flymake-diagnostic-text d)))
                            (flymake-diagnostics))))
  (dolist (d (flymake-diagnostics))
    (princ (format "%s:%d: %s\n" (buffer-file-name) (line-number-at-pos (flymake-diagnostic-beg d))
                   (flymake-diagnostic-text d))))
  (kill-emacs (if found 0 1)))
