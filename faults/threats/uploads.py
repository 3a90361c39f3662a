"""Photos that people bring, and what threatens through them."""

from __future__ import annotations

from faults.threats.guard import Guard

DECODE = "visml/images/decode.py"
FORMATS = "visml/images/formats.py"
UPLOAD = "visml/images/uploads.py"
OPENS = "tests/images/test_decode.py::test"
REFUSES = "tests/images/test_refusals.py::test"
KEEPS = "tests/images/test_uploads.py::test"
PAGE = "tests/browser/test_upload.py::test"

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
        "a GIF of a few bytes whose frame claims 7,000 x 7,000 pixels",
        f"{REFUSES}_a_gif_whose_frame_is_larger_than_its_screen",
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
        "if TOKEN.fullmatch(token) and abs(time.time()",
        "if abs(time.time()",
    ),
    Guard(
        "an upload under a name that can be guessed",
        f"{KEEPS}_tokens_cannot_be_guessed_and_files_are_private",
        UPLOAD,
        "token = secrets.token_urlsafe(24)",
        'token = "0" * 31 + str(len(data) % 10)',
    ),
    Guard(
        "an upload that nobody removes",
        f"{KEEPS}_uploads_expire",
        UPLOAD,
        "abs(time.time() - path.stat().st_mtime) < self._max_age_s",
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
