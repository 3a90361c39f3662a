"""What threatens VisML, the test of each threat, and the code that guards against it.

Where a guard is a choice and not a line that can go (NumPy's files are parsed here and never unpickled, for instance),
the naive code stands in its place. Four tests have no entry, since nothing that can be taken out makes them fail: gray
with alpha and 16 bits with a transparent value follow from the entries on both; that category names reach no chart
(``test_folder_names_never_reach_plotly``), since charts are not given them; and that a kill at a random moment leaves
a whole checkpoint (``test_a_killed_writer_leaves_a_whole_checkpoint``), since without its guards that is a matter of
luck: three tests that do not hang on it stand for it.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Guard:
    """One threat and what keeps it away.

    Attributes:
        threat: in words.
        test: pytest's name of the test that must fail without the guard.
        file: where the guard is.
        code: the guard, as it stands there exactly once.
        without: what stands in its place when it is taken out.
    """

    threat: str
    test: str
    file: str
    code: str
    without: str


DECODE, FORMATS, UPLOAD = "visml/images/decode.py", "visml/images/formats.py", "visml/images/uploads.py"
OPENS, REFUSES = "tests/images/test_decode.py::test", "tests/images/test_refusals.py::test"
KEEPS, PAGE = "tests/images/test_uploads.py::test", "tests/browser/test_upload.py::test"

UPLOADS = (
    Guard(
        "a truncated JPEG or PNG",
        f"{REFUSES}_truncated",
        DECODE,
        "    except Exception as error:\n",
        "    except MemoryError as error:\n",
    ),
    Guard("a PNG with a bad CRC", f"{REFUSES}_bad_checksum", DECODE, 'if formats == ("PNG",):', "if False:"),
    Guard(
        "a 16-bit gray PNG",
        f"{OPENS}_16_bit_gray_is_scaled_not_clipped",
        DECODE,
        "return _from_16_bits(image)",
        'return image.convert("RGB")',
    ),
    Guard(
        "a CMYK JPEG",
        f"{OPENS}_cmyk_red_stays_red",
        DECODE,
        'else image.convert("RGB")\n',
        "else Image.fromarray(np.asarray(image)[..., :3])\n",
    ),
    Guard(
        "alpha",
        f"{OPENS}_alpha_is_composited_on_white",
        DECODE,
        "if image.has_transparency_data:",
        "if False:",
    ),
    Guard(
        "hidden colors of a palette",
        f"{OPENS}_hidden_colors_of_a_palette_become_white",
        DECODE,
        "if image.has_transparency_data:",
        "if False:",
    ),
    Guard(
        "an animated GIF, WebP or PNG",
        f"{OPENS}_animations_give_their_first_frame",
        DECODE,
        "    image.load()\n",
        '    image.seek(getattr(image, "n_frames", 1) - 1)\n',
    ),
    Guard(
        "EXIF rotation",
        f"{OPENS}_exif_rotation_is_applied",
        DECODE,
        "ImageOps.exif_transpose(image, in_place=True)",
        "pass",
    ),
    Guard(
        "EXIF and GPS",
        f"{KEEPS}_exif_and_gps_of_an_upload_are_not_kept",
        UPLOAD,
        "encode_png(photo.rgb, level=1)",
        "data",
    ),
    Guard(
        "1 x 1 and 1 x 20,000 pixels",
        f"{OPENS}_extreme_shapes_open",
        DECODE,
        "small.thumbnail((side, side), Image.Resampling.BICUBIC, reducing_gap=2.0)",
        "small = small.resize((side, side * small.height // small.width))",
    ),
    Guard(
        "30,000 x 30,000 pixels in 109 kB",
        f"{REFUSES}_huge_picture_in_a_small_file[30000]",
        DECODE,
        "except (Image.DecompressionBombError, Image.DecompressionBombWarning):",
        "except ZeroDivisionError:",
    ),
    Guard(
        "12,000 x 12,000 pixels in 420 kB",
        f"{REFUSES}_huge_picture_in_a_small_file[12000]",
        DECODE,
        "limits.check_pixels(image.width * image.height)",
        "pass",
    ),
    Guard(
        "0 bytes",
        f"{REFUSES}_empty_file",
        DECODE,
        'if count == 0:\n            raise PhotoRefused("This file',
        'if count < 0:\n            raise PhotoRefused("This file',
    ),
    Guard(
        "SVG, HTML or EPS named .jpg",
        f"{REFUSES}_other_files_named_jpg",
        DECODE,
        "formats = (_format_of(data),)",
        "formats = None",
    ),
    Guard(
        "JPEG and HTML in one file",
        f"{KEEPS}_a_jpeg_with_html_behind_it_is_kept_as_pixels_only",
        UPLOAD,
        "encode_png(photo.rgb, level=1)",
        "data",
    ),
    Guard(
        "HEIC",
        f"{REFUSES}_heic_is_told_to_convert_to_jpeg",
        FORMATS,
        '    "a HEIC picture": rb"....ftyp(hei|hev|mif1|msf1)",\n',
        "",
    ),
    Guard(
        "an upload too large, in the page",
        f"{PAGE}_a_photo_over_the_limit_is_told_so_in_the_page_and_stays_there",
        "assets/upload.js",
        "if (refusal) return V.notice(refusal);",
        "",
    ),
    Guard(
        "an upload too large, at the server",
        "tests/dashboard/test_opening.py::test_an_upload_over_the_limit_is_refused",
        "visml/dashboard/security.py",
        'server.config["MAX_CONTENT_LENGTH"] = settings.max_mb * 10**6',
        "pass",
    ),
    Guard(
        "an upload that is broken",
        "tests/dashboard/test_opening.py::test_a_bad_upload_is_refused_in_one_sentence",
        "visml/dashboard/security.py",
        "server.register_error_handler(Refused, _refused)",
        "pass",
    ),
    Guard(
        "a name with ../, NUL, RTL, 4 kB, emoji or HTML",
        "tests/images/test_photo.py::test_names_become_labels",
        DECODE,
        'return "".join(letter for letter in last if unicodedata.category(letter)[0] != "C")[:80].strip()',
        "return name",
    ),
    Guard(
        "such a name as a path",
        "tests/dashboard/test_opening.py::test_names_with_dots_nul_rtl_emoji_and_html_become_labels_and_never_paths",
        UPLOAD,
        "token = secrets.token_urlsafe(24)",
        "token = name",
    ),
    Guard(
        "such a name as HTML in the page",
        f"{PAGE}_a_name_with_markup_is_shown_as_text",
        "assets/photos.js",
        "item.title = photo.label;",
        'item.title = photo.label; item.insertAdjacentHTML("beforeend", photo.label);',
    ),
    Guard(
        "random bytes",
        "tests/images/test_fuzz.py::test_random_bytes",
        DECODE,
        "    except Exception as error:\n",
        "    except MemoryError as error:\n",
    ),
    Guard(
        "many photos at once",
        "tests/images/test_photo.py::test_at_most_two_photos_are_decoded_at_once",
        DECODE,
        "DECODERS = BoundedSemaphore(2)",
        "DECODERS = BoundedSemaphore(9)",
    ),
    Guard(
        "an upload asked for by a path",
        f"{KEEPS}_unknown_tokens_are_refused_in_the_same_words",
        UPLOAD,
        "if TOKEN.fullmatch(token) and time.time()",
        "if time.time()",
    ),
    Guard(
        "an upload that nobody removes",
        f"{KEEPS}_uploads_expire",
        UPLOAD,
        "time.time() - path.stat().st_mtime < self._max_age_s",
        "path.stat()",
    ),
    Guard(
        "another user's upload",
        "tests/dashboard/test_opening.py::test_an_upload_opens_and_is_known_to_its_owner_alone",
        "visml/images/gallery.py",
        "in (*self._samples.values(), *self._folder.values())]",
        "in (*self._samples.values(), *self._folder.values())]"
        ' + [self._uploads.find(path.stem) for path in self._uploads._folder.glob("*.png")]',
    ),
)

FOLDERS, PUBLISHED = "visml/checkpoints.py", "visml/models/official.py"
CHECKS, IMPORTS = "tests/test_checkpoints.py::test", "tests/models/test_official.py::test"
BROKEN = f"{CHECKS}_a_broken_checkpoint_is_refused_in_one_sentence_and_the_others_still_listed"

CHECKPOINTS = (
    Guard(
        "a pickle bomb in a .pth",
        f"{IMPORTS}_a_pickle_bomb_is_refused_and_does_not_run",
        PUBLISHED,
        "weights_only=True",
        "weights_only=False",
    ),
    Guard(
        "a .pth that is truncated, empty or HTML",
        f"{IMPORTS}_files_that_are_no_weights_get_one_sentence",
        PUBLISHED,
        "    except Exception:  # torch, zipfile, pickle and safetensors each have their own\n",
        "    except MemoryError:\n",
    ),
    *(
        Guard(
            f"weights that are {kind}",
            f"{BROKEN}[{case}]",
            FOLDERS,
            "except (OSError, safetensors.SafetensorError):",
            "except OSError:",
        )
        for kind, case in (("truncated", "truncated"), ("empty", "empty"), ("HTML", "html saved as weights"))
    ),
    Guard(
        "a broken checkpoint in the list of models",
        f"{CHECKS}_half_copied_unreadable_and_linked_out_folders_are_skipped_with_a_reason",
        FOLDERS,
        "except CheckpointRefused as refusal:",
        "except MemoryError as refusal:",
    ),
    Guard(
        "one flipped bit",
        f"{BROKEN}[one flipped bit]",
        FOLDERS,
        'if _sha256(path) != checkpoint.description["sha256"]:',
        "if False:",
    ),
    Guard(
        "another architecture or width",
        f"{BROKEN}[another width]",
        FOLDERS,
        "    _compare_shapes(checkpoint.name, path, model)\n",
        "",
    ),
    Guard(
        "NaN weights",
        f"{BROKEN}[nan]",
        FOLDERS,
        "    _refuse_not_finite(checkpoint.name, state)\n",
        "",
    ),
    Guard(
        "safetensors that claim 100,000 x 100,000",
        f"{BROKEN}[a giant claimed]",
        FOLDERS,
        "    _compare_shapes(checkpoint.name, path, model)\n",
        "",
    ),
    Guard(
        "a 1.6 kB .pth that claims 100,000 x 100,000",
        f"{IMPORTS}_a_small_file_that_claims_a_giant_is_refused_before_its_numbers_are_touched",
        PUBLISHED,
        "return value.nbytes <= value.untyped_storage().nbytes()",
        "return True",
    ),
    Guard(
        "a checkpoint that is replaced",
        f"{CHECKS}_a_checkpoint_replaced_since_it_was_described_is_refused",
        FOLDERS,
        'if _sha256(path) != checkpoint.description["sha256"]:',
        "if False:",
    ),
    Guard(
        "a half-copied checkpoint",
        f"{CHECKS}_half_copied_unreadable_and_linked_out_folders_are_skipped_with_a_reason",
        FOLDERS,
        "if not (folder / WEIGHTS).is_file():",
        "if False:",
    ),
    Guard(
        "an unreadable checkpoint",
        f"{CHECKS}_half_copied_unreadable_and_linked_out_folders_are_skipped_with_a_reason",
        FOLDERS,
        '    except OSError:\n        raise CheckpointRefused(f"The checkpoint',
        '    except MemoryError:\n        raise CheckpointRefused(f"The checkpoint',
    ),
    Guard(
        "a link that leads out of the folder",
        f"{CHECKS}_half_copied_unreadable_and_linked_out_folders_are_skipped_with_a_reason",
        FOLDERS,
        "if root.resolve() not in folder.resolve().parents:",
        "if False:",
    ),
)

STORE, ROOM, VALUES = "visml/activations/store.py", "visml/activations/room.py", "visml/dashboard/values.py"
FAULTS, WRITERS = "tests/activations/test_store_faults.py::test", "tests/activations/test_store_processes.py::test"
SMALL = "tests/dashboard/test_values.py::test"
READ = "array = sealed.read(path, self._secret, _label(handle, name), check)"
NAIVE = 'array = __import__("numpy").load(path, allow_pickle=True)'

CACHE = (
    *(
        Guard(f"a cache file that is {kind}", f"{FAULTS}_{test}", STORE, READ, NAIVE)
        for kind, test in (
            ("corrupt", "corrupt"),
            ("truncated", "truncated"),
            ("foreign", "foreign_npy"),
            ("planted", "planted_under_another_secret"),
            ("a planted pickle", "a_planted_pickle_does_not_run"),
        )
    ),
    Guard(
        "one flipped bit in a cache file",
        f"{FAULTS}_corrupt",
        "visml/activations/sealed.py",
        "if digest and _digest(key, name, content) != expected:",
        "if False:",
    ),
    Guard(
        "one flipped bit in a small value",
        f"{SMALL}_a_flipped_bit_is_a_miss",
        VALUES,
        "if not text or hashlib.blake2b(text, digest_size=_DIGEST).digest() != digest:",
        "if not text:",
    ),
    Guard(
        "a pickle planted as a small value",
        f"{SMALL}_a_planted_pickle_runs_nothing",
        VALUES,
        "    serializer = CheckedJson()  # type: ignore[assignment]\n",
        "",
    ),
    Guard(
        "a full disk",
        f"{FAULTS}_a_full_disk_is_told_once_and_leaves_nothing",
        STORE,
        "        except OSError as error:\n            if not self._warned:",
        "        except MemoryError as error:\n            if not self._warned:",
    ),
    Guard(
        "a full disk that is told again and again",
        f"{FAULTS}_a_full_disk_is_told_once_and_leaves_nothing",
        STORE,
        "if not self._warned:",
        "if True:",
    ),
    Guard(
        "four writers",
        f"{WRITERS}_four_writers_hold_the_cap_and_no_read_is_torn",
        ROOM,
        "            if used > free:\n",
        "            if False:\n",
    ),
    Guard(
        "a kill in mid-write",
        f"{WRITERS}_what_a_killed_writer_left_is_swept_at_the_next_start",
        ROOM,
        "if not _alive(folder):",
        "if False:",
    ),
    Guard(
        "Redis that is down",
        f"{SMALL}_a_redis_that_is_down_is_a_miss",
        VALUES,
        "        except Exception as error:\n",
        "        except MemoryError as error:\n",
    ),
)

RUN, LOOP = "visml/training/run.py", "tests/training/test_loop.py::test"

TRAINING = (
    Guard(
        "a checkpoint written in place",
        f"{CHECKS}_a_write_cut_short_leaves_the_checkpoint_as_it_was",
        FOLDERS,
        "        yield new\n",
        "        yield folder\n",
    ),
    Guard(
        "a checkpoint renamed before it is on the disk",
        f"{CHECKS}_a_checkpoint_is_on_the_disk_before_it_takes_the_old_ones_place",
        FOLDERS,
        "        _flush(new)\n",
        "",
    ),
    Guard(
        "a kill between two renames",
        f"{CHECKS}_a_kill_between_the_two_renames_is_mended",
        FOLDERS,
        "    _recover(folder)\n    name = folder.name\n",
        "    name = folder.name\n",
    ),
    Guard(
        "a killed run",
        f"{LOOP}_a_killed_run_goes_on_to_the_very_weights_of_an_unbroken_one",
        "visml/training/reading.py",
        "batch_sampler=parts[run.at.batch :]",
        "batch_sampler=parts",
    ),
    Guard(
        "a pickle bomb as a run's state",
        f"{LOOP}_a_pickle_bomb_as_a_runs_state_is_refused_and_does_not_run",
        RUN,
        "weights_only=True",
        "weights_only=False",
    ),
    Guard(
        "unreadable pictures",
        "tests/training/test_crops.py::test_pictures_that_cannot_be_opened_are_left_out_and_counted",
        "visml/training/crops.py",
        "except (PhotoRefused, OSError):",
        "except MemoryError:",
    ),
    Guard(
        "unreadable pictures that nobody hears of",
        f"{LOOP}_unreadable_pictures_are_skipped_and_reported",
        RUN,
        "        self.unreadable += batch.unreadable\n",
        "",
    ),
    Guard(
        "more than 5 % unreadable pictures",
        f"{LOOP}_a_folder_of_mostly_broken_pictures_stops_the_run",
        RUN,
        "if self.at.unreadable > LARGEST_LOST_SHARE * seen:",
        "if False:",
    ),
    Guard(
        "two trainers on one folder",
        f"{LOOP}_two_trainers_do_not_share_a_folder",
        RUN,
        "fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)",
        "pass",
    ),
)

SECURITY, ASKS = "visml/dashboard/security.py", "tests/dashboard/test_security.py::test"

BROWSER = (
    *(
        Guard(f"no {header} header", f"{ASKS}_every_route_of_the_map_answers_with_the_headers", SECURITY, code, "")
        for header, code in (
            ("security", '        "Content-Security-Policy": policy,\n'),
            ("nosniff", '        "X-Content-Type-Options": "nosniff",\n'),
            ("frame-ancestors", "            \"frame-ancestors 'self'\",\n"),
            ("referrer policy", '        "Referrer-Policy": "no-referrer",\n'),
        )
    ),
    Guard(
        "scripts that are not the page's own",
        f"{ASKS}_the_policy_allows_own_scripts_only",
        SECURITY,
        "[\"'self'\", *app.csp_hashes()]",
        "[\"'self'\", \"'unsafe-inline'\"]",
    ),
    Guard(
        "any Host",
        f"{ASKS}_a_foreign_host_is_refused",
        SECURITY,
        "if settings.host not in ANYWHERE:",
        "if False:",
    ),
    Guard(
        "a callback body without a limit",
        f"{ASKS}_a_callback_body_has_its_own_limit",
        SECURITY,
        "request.max_content_length = CALLBACK_BYTES",
        "pass",
    ),
    Guard(
        "a malformed callback body",
        f"{ASKS}_a_malformed_callback_is_told_so",
        SECURITY,
        "malformed = request.path == CALLBACKS",
        "malformed = False",
    ),
    Guard(
        "a fuzzed callback body",
        f"{ASKS}_no_callback_body_is_answered_with_500",
        SECURITY,
        "malformed = request.path == CALLBACKS",
        "malformed = False",
    ),
    Guard(
        "an unknown script of a component",
        f"{ASKS}_every_route_of_the_map_answers_with_the_headers",
        SECURITY,
        "    server.register_error_handler(DependencyException, _no_such_script)\n",
        "",
    ),
    Guard(
        "a POST from another site (Sec-Fetch-Site)",
        f"{ASKS}_another_site_cannot_post",
        SECURITY,
        'if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):',
        "if False:",
    ),
    Guard(
        "a POST from another site (Origin)",
        f"{ASKS}_another_site_cannot_post",
        SECURITY,
        'if origin and origin.split("://")[-1] != request.host:',
        "if False:",
    ),
    Guard(
        "paths or traces in a 4xx",
        "tests/dashboard/test_routes.py::test_what_is_not_there_is_told_without_paths_or_traces",
        SECURITY,
        "    server.register_error_handler(HTTPException, _http_error)\n",
        "",
    ),
    Guard(
        "paths or traces in a notice",
        "tests/dashboard/test_opening.py::test_a_fault_is_told_without_its_inside",
        "visml/dashboard/app.py",
        "text = str(error) if refused else SENTENCES[500]",
        "text = str(error)",
    ),
    Guard(
        "a file's name as HTML in a chart",
        "tests/figures/test_look.py::test_names_lose_what_plotly_would_read_as_html",
        "visml/figures/look.py",
        'return re.sub(r"[^\\w\\-./()+ ]", "", text)[:40].strip()',
        "return text",
    ),
    Guard(
        "slow bodies on every thread",
        "tests/dashboard/test_serve.py::test_slow_bodies_on_every_thread_do_not_stop_the_others",
        "visml/dashboard/worker.py",
        "conn.sock.shutdown(socket.SHUT_RD)",
        "pass",
    ),
    Guard(
        "debug mode under gunicorn",
        f"{ASKS}_debug_mode_refuses_to_start_under_gunicorn",
        SECURITY,
        "        refuse_debug(os.environ)\n",
        "        pass\n",
    ),
    Guard(
        "others without a token",
        f"{ASKS}_others_need_a_token",
        SECURITY,
        "if not settings.token and not is_loopback(settings.host):",
        "if False:",
    ),
    Guard(
        "others with a wrong token",
        f"{ASKS}_without_the_token_nothing_is_shown",
        SECURITY,
        "            raise Unauthorized\n",
        "            return None\n",
    ),
)

GUARDS = (*UPLOADS, *CHECKPOINTS, *CACHE, *TRAINING, *BROWSER)
