"""Every text that a page shows, in English and in Spanish. A test fails when one lacks a language or a {place}."""

LANGUAGES = {"en": "English", "es": "Español"}

TEXTS: dict[str, dict[str, str]] = {
    # What every page shares
    "app.name": {"en": "Draw a digit", "es": "Dibuja un número"},
    "app.language": {"en": "Language", "es": "Idioma"},
    "page.draw": {"en": "Draw", "es": "Dibujar"},
    "page.inside": {"en": "Inside", "es": "Por dentro"},
    "page.learned": {"en": "Learned", "es": "Aprendido"},
    "page.about": {"en": "About", "es": "Acerca de"},
    # The model and the server
    "model.loading": {"en": "Waking the model up…", "es": "Despertando al modelo…"},
    "model.slow": {
        "en": "The model is taking very long to load. Try again in a minute.",
        "es": "El modelo tarda mucho en cargarse. Prueba de nuevo en un minuto.",
    },
    "model.missing": {
        "en": "The model is not there or is damaged. Whoever runs this server can rebuild it with "
        "`python -m mnist_core.pretrain`.",
        "es": "El modelo no está o está dañado. Quien administra este servidor puede reconstruirlo con "
        "`python -m mnist_core.pretrain`.",
    },
    # Drawing
    "draw.title": {"en": "Draw a digit", "es": "Dibuja un número"},
    "canvas.canvas": {
        "en": "Sheet to draw on with a mouse, a finger or a pen",
        "es": "Hoja para dibujar con el ratón, el dedo o un lápiz",
    },
    "canvas.hint": {"en": "Draw here", "es": "Dibuja aquí"},
    "canvas.undo": {"en": "Undo stroke", "es": "Deshacer trazo"},
    "canvas.redo": {"en": "Redo stroke", "es": "Rehacer trazo"},
    "canvas.clear": {"en": "Clear the sheet", "es": "Limpiar la hoja"},
    "draw.predict": {"en": "Predict", "es": "Predecir"},
    "draw.add": {"en": "Add", "es": "Añadir"},
    "draw.delete": {"en": "Delete last", "es": "Borrar último"},
    "draw.options": {"en": "Options", "es": "Opciones"},
    "draw.live": {"en": "Live", "es": "En vivo"},
    "draw.several": {"en": "Several digits", "es": "Varios números"},
    "draw.pen": {"en": "Pen", "es": "Lápiz"},
    "draw.file": {"en": "Image file", "es": "Archivo de imagen"},
    "draw.file.how": {
        "en": "An image of a digit can also be pasted on the page, or dropped on the sheet.",
        "es": "Una imagen de un número también se puede pegar en la página o soltar sobre la hoja.",
    },
    "draw.photo": {"en": "Camera", "es": "Cámara"},
    "draw.shortcuts": {
        "en": "Keys: **P** predict · **A** add · **D** delete last · **0–9** choose the digit · **T** train · "
        "**Ctrl Z** undo · **Ctrl Y** redo · **Delete** clear",
        "es": "Teclas: **P** predecir · **A** añadir · **D** borrar último · **0–9** elegir el número · "
        "**T** entrenar · **Ctrl Z** deshacer · **Ctrl Y** rehacer · **Supr** limpiar",
    },
    "empty.predict": {"en": "Empty: draw a digit first.", "es": "Vacío: dibuja un número primero."},
    "empty.add": {"en": "Empty: there is no drawing to add.", "es": "Vacío: no hay ningún dibujo que añadir."},
    "empty.delete": {"en": "Empty: there is no drawing to delete.", "es": "Vacío: no hay ningún dibujo que borrar."},
    "drawing.strange": {
        "en": "This drawing could not be read. Clear the sheet and draw again.",
        "es": "No se ha podido leer este dibujo. Limpia la hoja y dibuja otra vez.",
    },
    "image.missing": {"en": "No image has arrived.", "es": "No ha llegado ninguna imagen."},
    "image.too_many_bytes": {
        "en": "That image is too large. Up to {most} MB will do.",
        "es": "Esa imagen es demasiado grande. Hasta {most} MB sirve.",
    },
    "image.too_many_pixels": {
        "en": "That image has too many pixels. Make it smaller and try again.",
        "es": "Esa imagen tiene demasiados píxeles. Hazla más pequeña y vuelve a probar.",
    },
    "image.not_an_image": {
        "en": "That is not an image this page can read. PNG, JPEG, WebP, BMP and GIF are.",
        "es": "Eso no es una imagen que esta página pueda leer. PNG, JPEG, WebP, BMP y GIF sí.",
    },
    "image.damaged": {
        "en": "That image is damaged or incomplete.",
        "es": "Esa imagen está dañada o incompleta.",
    },
    # A photograph
    "photo.photo": {"en": "Your picture", "es": "Tu imagen"},
    "photo.hint": {
        "en": "Tap a digit or a line to choose it; drag to cut out a part.",
        "es": "Toca un número o una línea para elegirlos; arrastra para recortar.",
    },
    "photo.cut": {"en": "Cut out a part", "es": "Recortar una parte"},
    "photo.keys": {
        "en": "Arrow keys move the frame, with Shift they size it; Enter cuts it out, Escape leaves it.",
        "es": "Las flechas mueven el marco, con Mayús cambian su tamaño; Intro lo recorta, Escape lo deja.",
    },
    "photo.whole": {"en": "The whole picture", "es": "La imagen entera"},
    "photo.clear": {"en": "Put the picture away", "es": "Quitar la imagen"},
    "photo.digit": {"en": "Digit {place}: {digit}, {share}", "es": "Número {place}: {digit}, {share}"},
    "photo.line": {"en": "Line {line}: {digits}", "es": "Línea {line}: {digits}"},
    "photo.several": {
        "en": "There seem to be {count} digits here; the one in the stronger frame is read.",
        "es": "Aquí parece haber {count} números; se lee el del marco más marcado.",
    },
    "photo.read_all": {"en": "Read them all", "es": "Leerlos todos"},
    "photo.left_out": {"en": "Left out; tap to put it back", "es": "Dejado fuera; toca para recuperarlo"},
    "photo.left_out.rules": {"en": "Ruled lines", "es": "Rayas del papel"},
    "photo.left_out.frame": {"en": "A box around it", "es": "Un recuadro"},
    "photo.left_out.edge": {"en": "What is at the edge", "es": "Lo que está en el borde"},
    "photo.left_out.rest": {"en": "Other marks", "es": "Otras marcas"},
    "photo.left_out.table": {"en": "What is beside the paper", "es": "Lo que rodea al papel"},
    "photo.empty": {
        "en": "Nothing written was found in this picture. Drag over the digit to cut it out.",
        "es": "No se ha encontrado nada escrito en esta imagen. Arrastra sobre el número para recortarlo.",
    },
    # The worksheet
    "worksheet.a4": {"en": "Worksheet, A4", "es": "Hoja de práctica, A4"},
    "worksheet.letter": {"en": "Worksheet, Letter", "es": "Hoja de práctica, Carta"},
    "worksheet.how": {
        "en": "Print it, write, and give its photograph here: sixty drawings to teach, each with its digit.",
        "es": "Imprímela, escribe y da aquí su foto: sesenta dibujos para enseñar, cada uno con su número.",
    },
    "worksheet.drawings": {"en": "The drawings of your worksheet", "es": "Los dibujos de tu hoja de práctica"},
    "worksheet.look": {
        "en": "Tap a drawing to leave it out. Underlined: it is read as another digit so far.",
        "es": "Toca un dibujo para no incluirlo. Subrayado: de momento se lee como otro número.",
    },
    "worksheet.box": {"en": "Digit {digit}, box {place}", "es": "Número {digit}, casilla {place}"},
    "worksheet.misread": {
        "en": "Digit {digit}, box {place}, read as {read}",
        "es": "Número {digit}, casilla {place}, leído {read}",
    },
    "worksheet.take": {"en": "Put {count} into the tray", "es": "Poner {count} en la bandeja"},
    "worksheet.away": {"en": "Put the worksheet away", "es": "Quitar la hoja"},
    "worksheet.taken": {
        "en": "{count} drawings are in the tray, each with its digit. Train teaches them all.",
        "es": "Hay {count} dibujos en la bandeja, cada uno con su número. Entrenar los enseña todos.",
    },
    "worksheet.absent": {
        "en": "This is not the worksheet: none of its four markers can be seen.",
        "es": "Esto no es la hoja de práctica: no se ve ninguna de sus cuatro marcas.",
    },
    "worksheet.part": {
        "en": "Only part of the worksheet can be seen. Photograph the whole page, with the markers in its corners.",
        "es": "Solo se ve una parte de la hoja. Fotografía la página entera, con las marcas de sus esquinas.",
    },
    "worksheet.bent": {
        "en": "The worksheet's corners are not where they should be. Lay the page flat and try again.",
        "es": "Las esquinas de la hoja no están donde deberían. Pon la página plana y prueba otra vez.",
    },
    "worksheet.blank": {
        "en": "Nothing is written on this worksheet yet.",
        "es": "Todavía no hay nada escrito en esta hoja.",
    },
    "inside.title": {"en": "Inside the network", "es": "Dentro de la red"},
    "learned.title": {"en": "What it has learned", "es": "Lo aprendido"},
    "about.title": {"en": "About this app", "es": "Acerca de esta app"},
    # The answer
    "answer.seen": {"en": "What the network sees", "es": "Lo que ve la red"},
    "answer.bars": {"en": "Score of each digit", "es": "Puntuación de cada número"},
    "answer.waiting": {"en": "Ready when you are", "es": "Cuando quieras"},
    "answer.waiting.live": {
        "en": "The answer follows each stroke.",
        "es": "La respuesta sigue cada trazo.",
    },
    "answer.waiting.press": {"en": "Draw, then press Predict.", "es": "Dibuja y pulsa Predecir."},
    "answer.right": {"en": "Wrong? Tap the right digit", "es": "¿Mal? Toca el número correcto"},
    "answer.which": {"en": "Which one?", "es": "¿Cuál?"},
    "verdict.certain": {"en": "Surely {digit}", "es": "Seguro: {digit}"},
    "verdict.likely": {"en": "Most likely {digit}", "es": "Casi seguro: {digit}"},
    "verdict.unsure": {"en": "Perhaps {digit}", "es": "Quizá {digit}"},
    "verdict.or_else": {"en": "or else {digit} ({share})", "es": "o si no, {digit} ({share})"},
    "verdict.close": {"en": "Not sure: {first} or {second}?", "es": "No lo sé: ¿{first} o {second}?"},
    "verdict.close_detail": {
        "en": "Tap the right one below and teach it.",
        "es": "Toca abajo el correcto y enséñaselo.",
    },
    "verdict.no_digit": {"en": "This does not look like a digit", "es": "Esto no parece un número"},
    "verdict.best_guess": {"en": "My best guess: {digit} ({share})", "es": "Lo que más se parece: {digit} ({share})"},
    "verdict.several": {"en": "That is how I read it", "es": "Así lo leo yo"},
    "verdict.unsure_several": {"en": "I am not sure of all of it", "es": "No estoy seguro de todo"},
    "verdict.doubted": {"en": "Not all of this looks like digits", "es": "No todo esto parece un número"},
    "verdict.strange": {"en": "Look at place {places} of {count}", "es": "Mira el lugar {places} de {count}"},
    "verdict.weakest": {"en": "Least sure of the {digit} ({share})", "es": "El menos seguro: {digit} ({share})"},
    # The tray
    "tray.label": {"en": "Drawings to teach", "es": "Dibujos para enseñar"},
    "tray.empty": {
        "en": "The drawings you add wait here for the lesson.",
        "es": "Los dibujos que añadas esperan aquí la lección.",
    },
    "tray.unlabelled": {"en": "Drawing {place}, no digit chosen", "es": "Dibujo {place}, sin número elegido"},
    "tray.labelled": {"en": "Drawing {place}: {digit}", "es": "Dibujo {place}: {digit}"},
    "tray.choose": {"en": "This drawing is", "es": "Este dibujo es"},
    "tray.remove": {"en": "Remove it", "es": "Quitarlo"},
    "tray.full": {
        "en": "The tray is full: {most} drawings. Train on them, or delete some.",
        "es": "La bandeja está llena: {most} dibujos. Entrena con ellos o borra algunos.",
    },
    "tray.not_kept": {
        "en": "The store does not answer just now: your drawings are here, but would not survive a reload.",
        "es": "El almacén no responde ahora: tus dibujos están aquí, pero no sobrevivirían a una recarga.",
    },
    # Examples of lessons
    "example.try": {"en": "Try an example", "es": "Probar un ejemplo"},
    "example.good": {
        "en": "A good lesson: narrow zeros with a slash",
        "es": "Una buena lección: ceros estrechos con barra",
    },
    "example.good.how": {
        "en": "Zeros with a slash, so narrow that they are read as 8. Press **Train**: it learns them.",
        "es": "Ceros con barra, tan estrechos que se leen como 8. Pulsa **Entrenar**: los aprende.",
    },
    "example.harmful": {"en": "A harmful one: sevens called 1", "es": "Una dañina: sietes llamados 1"},
    "example.harmful.how": {
        "en": "Clear sevens, called 1. Press **Train**: a model that many share refuses them; your own learns them, at "
        "a price.",
        "es": "Sietes claros, llamados 1. Pulsa **Entrenar**: un modelo de muchos se niega; el tuyo los aprende y "
        "dice el precio.",
    },
    "example.own": {
        "en": "One hand's own: a 1 that looks like a 7",
        "es": "La de una sola mano: un 1 que parece un 7",
    },
    "example.own.how": {
        "en": "One hand's 1, with a long flag, and its sevens. Press **Train**: only a model of one's own learns them.",
        "es": "Los 1 de una mano, de bandera larga, y sus sietes. Pulsa **Entrenar**: solo aprende un modelo propio.",
    },
    "example.away": {"en": "Put the example away", "es": "Quitar el ejemplo"},
    "example.undone": {
        "en": "Undone: the model is as it was, and the example is gone.",
        "es": "Deshecho: el modelo está como antes y el ejemplo se ha retirado.",
    },
    # Rooms: whose model
    "room.help": {"en": "Whose model reads and learns here", "es": "De quién es el modelo que lee y aprende aquí"},
    "room.whose": {"en": "Whose model", "es": "De quién es el modelo"},
    "room.everyone": {"en": "Everyone's", "es": "De todos"},
    "room.mine": {"en": "Mine", "es": "Mío"},
    "room.everyone.note": {
        "en": "All visitors teach it. It protects what it knows about everybody's digits.",
        "es": "Le enseñan todos los visitantes. Protege lo que sabe de los números de todo el mundo.",
    },
    "room.mine.note": {
        "en": "Only you teach it, and it bends to your hand. This browser finds it again; if nobody uses it, "
        "it goes after {days} days.",
        "es": "Solo le enseñas tú, y se adapta a tu mano. Este navegador lo encuentra de nuevo; si nadie lo usa, "
        "desaparece a los {days} días.",
    },
    "room.ours.note": {
        "en": "Everybody in this room teaches it. If nobody uses it, it goes after {days} days.",
        "es": "Le enseñan todos los de esta sala. Si nadie la usa, desaparece a los {days} días.",
    },
    "page.board": {"en": "Board", "es": "Pizarra"},
    "board.open": {"en": "Board for the wall", "es": "Pizarra para la pared"},
    "board.people": {"en": "People who taught", "es": "Han enseñado"},
    "board.reads": {"en": "Test digits read right", "es": "Bien leídos en la prueba"},
    "board.confuses": {"en": "It confuses most: {pairs}", "es": "Lo que más confunde: {pairs}"},
    "board.newest": {"en": "Just taught", "es": "Recién enseñado"},
    "board.nothing": {
        "en": "Nothing yet. The first lesson appears here by itself.",
        "es": "Todavía nada. La primera lección aparecerá aquí sola.",
    },
    "room.qr": {"en": "QR code that opens the room {name}", "es": "Código QR que abre la sala {name}"},
    "room.code": {
        "en": "Others come in by this code: **{code}**",
        "es": "Los demás entran con este código: **{code}**",
    },
    "room.key": {
        "en": "Write this down, it is shown only now: `{secret}` makes another browser the owner of this room.",
        "es": "Apúntala, solo se muestra ahora: `{secret}` hace a otro navegador responsable de esta sala.",
    },
    "room.join.code": {"en": "Code of a room", "es": "Código de una sala"},
    "room.join": {"en": "Go in", "es": "Entrar"},
    "room.open.name": {"en": "Name of a new room", "es": "Nombre de una sala nueva"},
    "room.open": {"en": "Open", "es": "Abrir"},
    "room.unnamed": {"en": "Give the room a name first.", "es": "Ponle primero un nombre a la sala."},
    "room.unknown": {
        "en": "No room has this code. It may have been closed.",
        "es": "Ninguna sala tiene este código. Puede que se haya cerrado.",
    },
    "room.closed": {
        "en": "This room was closed. Choose another model at the top.",
        "es": "Esta sala se ha cerrado. Elige arriba otro modelo.",
    },
    "room.away": {
        "en": "The room's model cannot be had just now: {why}.",
        "es": "Ahora no se puede obtener el modelo de la sala: {why}.",
    },
    # Teaching
    "train.truth": {"en": "Digit of the drawings you added", "es": "Número de los dibujos añadidos"},
    "train.train": {"en": "Train", "es": "Entrenar"},
    "train.how": {
        "en": "Does it misread you? Add drawings, say which digit they are and press Train.",
        "es": "¿Te lee mal? Añade dibujos, di qué número son y pulsa Entrenar.",
    },
    "train.off": {
        "en": "Whoever runs this server has turned teaching off.",
        "es": "Quien administra este servidor ha desactivado el entrenamiento.",
    },
    "train.nothing": {
        "en": "Empty: add at least one drawing before training.",
        "es": "Vacío: añade al menos un dibujo antes de entrenar.",
    },
    "train.no_truth": {
        "en": "Choose the digit to train: some drawings have none.",
        "es": "Indicar el número a entrenar: hay dibujos sin número.",
    },
    "train.running": {"en": "Learning your hand…", "es": "Aprendiendo tu letra…"},
    "train.line": {"en": "Waiting for a turn: {place} before you", "es": "Esperando turno: {place} antes que tú"},
    "train.store": {
        "en": "The store does not answer, so the lesson was not kept ({why}). Your drawings are still here; "
        "predictions go on. Try again in a moment.",
        "es": "El almacén no responde y la lección no se ha guardado ({why}). Tus dibujos siguen aquí y las "
        "predicciones continúan. Prueba de nuevo en un momento.",
    },
    "train.undo": {"en": "Undo the lesson", "es": "Deshacer la lección"},
    "train.undone": {
        "en": "Undone: the model is as it was, and the drawings are back in the tray.",
        "es": "Deshecho: el modelo está como antes y los dibujos han vuelto a la bandeja.",
    },
    "train.mine_gone": {
        "en": "Your own model was deleted meanwhile, so this lesson was not kept. Your drawings are still here: "
        "Train begins a new one.",
        "es": "Mientras tanto se ha borrado tu modelo, así que esta lección no se ha guardado. Tus dibujos siguen "
        "aquí: Entrenar empieza uno nuevo.",
    },
    "train.deleted": {
        "en": "This lesson was kept, and then deleted for good. Your drawings are still here.",
        "es": "Esta lección se guardó y después se borró para siempre. Tus dibujos siguen aquí.",
    },
    "train.nothing_to_undo": {
        "en": "That lesson is not in the model any more.",
        "es": "Esa lección ya no está en el modelo.",
    },
    "proof.title": {"en": "Learned in {seconds} s", "es": "Aprendido en {seconds} s"},
    "proof.waits": {
        "en": "Learned, and now it waits until the owner of this room has approved it. Until then the model stays as "
        "it was. Undo takes it back: nobody is shown it any more, and its drawings return to the tray.",
        "es": "Aprendido, y ahora espera la aprobación del responsable de esta sala. Hasta entonces el modelo queda "
        "como estaba. Deshacer la retira: nadie la verá ya, y sus dibujos vuelven a la bandeja.",
    },
    "proof.known_waits": {
        "en": "It read all of these right before. The lesson waits until the owner of this room has approved it. Undo "
        "takes it back: nobody is shown it any more, and its drawings return to the tray.",
        "es": "Ya los leía todos bien. La lección espera la aprobación del responsable de esta sala. Deshacer la "
        "retira: nadie la verá ya, y sus dibujos vuelven a la bandeja.",
    },
    "proof.known": {
        "en": "It read all of these right before. The lesson is kept, so that no later one may make it forget them.",
        "es": "Ya los leía todos bien. La lección se guarda para que ninguna posterior se los haga olvidar.",
    },
    "proof.learned": {
        "en": "Misread before: {misread} of {of}. Of these, read right now: {learned}.",
        "es": "Mal leídos antes: {misread} de {of}. De esos, bien leídos ahora: {learned}.",
    },
    "proof.taken_for": {
        "en": "It used to take this shape for **{digit}**.",
        "es": "Antes tomaba esta forma por **{digit}**.",
    },
    "proof.figures": {
        "en": "Your drawings {taught_before} → {taught} · MNIST's\N{NO-BREAK SPACE}test {test_before} → {test}",
        "es": "Tus dibujos {taught_before} → {taught} · "
        "Prueba\N{NO-BREAK SPACE}de\N{NO-BREAK SPACE}MNIST {test_before} → {test}",
    },
    "proof.yours": {"en": "Your drawings recognised", "es": "Dibujos tuyos reconocidos"},
    "proof.test": {"en": "MNIST's 10,000 test images", "es": "Las 10.000 imágenes de prueba de MNIST"},
    "proof.was": {"en": "{share} before", "es": "{share} antes"},
    "proof.price": {
        "en": "The price: others' {digit}s may now be read as your {taken_for} ({share} of them).",
        "es": "El precio: los {digit} de otras personas pueden leerse ahora como tu {taken_for} (el {share} de ellos).",
    },
    "proof.renamed": {
        "en": "Drawings taught before as {digit} that look like these: {drawings}. The newer name wins.",
        "es": "Dibujos enseñados antes como {digit} que se parecen a estos: {drawings}. Gana el nombre más reciente.",
    },
    "misread.title": {"en": "Still misread: {misread}", "es": "Todavía mal leídos: {misread}"},
    "misread.as": {"en": "{digit}, read as {read}", "es": "{digit}, leído {read}"},
    "misread.label": {"en": "Drawings still misread", "es": "Dibujos todavía mal leídos"},
    "misread.own.why": {
        "en": "Is this how you write? A model for many may not bend that far; your own may, since it reads only you.",
        "es": "¿Escribes así? Un modelo para muchos no puede ceder tanto; el tuyo sí, porque solo te lee a ti.",
    },
    "misread.own": {"en": "Teach only my model", "es": "Enseñar solo a mi modelo"},
    "proof.refused": {"en": "Not kept, to protect what it knows", "es": "No se ha guardado, para proteger lo que sabe"},
    "proof.kept": {
        "en": "The model stays as it was, and your drawings where they were. Check the digits you chose for them.",
        "es": "El modelo queda como estaba y tus dibujos donde estaban. Revisa los números que les has puesto.",
    },
    "refusal.digit": {
        "en": "With this lesson the model would misread {misread} of {of} drawings of the digit {digit} that it knows "
        "untaught.",
        "es": "Con esta lección el modelo leería mal {misread} de {of} dibujos del número {digit} que sin lecciones "
        "lee bien.",
    },
    "refusal.clear": {
        "en": "Most people would read {misread} of these {of} drawings as a clear {digit}, and you said otherwise.",
        "es": "Casi todo el mundo leería {misread} de estos {of} dibujos como un {digit} claro, y has indicado otro "
        "número.",
    },
    "refusal.overall": {
        "en": "With this lesson the model would misread {misread} of {of} digits that it knows untaught.",
        "es": "Con esta lección el modelo leería mal {misread} de {of} números que sin lecciones lee bien.",
    },
    "refusal.lessons": {
        "en": "With this lesson the model would have forgotten {misread} of the {of} drawings that earlier lessons "
        "taught it.",
        "es": "Con esta lección el modelo habría olvidado {misread} de los {of} dibujos de lecciones anteriores.",
    },
    "refusal.unlearned": {
        "en": "The model could not learn these drawings without harm: of the {of} that it misreads, {misread} would "
        "still be misread.",
        "es": "El modelo no ha podido aprender estos dibujos sin dañarse: de los {of} que lee mal, {misread} se "
        "seguirían leyendo mal.",
    },
    "refusal.known": {"en": "Read right already: {known}.", "es": "Ya se leen bien: {known}."},
    "store.unreachable": {"en": "it cannot be reached", "es": "no se puede llegar a él"},
    "store.full": {"en": "its disk is full", "es": "su disco está lleno"},
    "store.read_only": {"en": "it cannot be written to", "es": "no se puede escribir en él"},
    "store.damaged": {"en": "it is damaged", "es": "está dañado"},
    "store.newer": {"en": "a newer version of this app wrote it", "es": "lo escribió una versión más nueva de la app"},
    "store.busy": {"en": "it is busy", "es": "está ocupado"},
    "store.other_base": {
        "en": "its lessons belong to another base model",
        "es": "sus lecciones son de otro modelo base",
    },
    "store.reteaching": {
        "en": "its lessons are being taught to a new base model",
        "es": "sus lecciones se están enseñando a un nuevo modelo base",
    },
    "store.notice": {
        "en": "The store of lessons has a problem: {why}. Predictions go on; teaching waits.",
        "es": "El almacén de lecciones tiene un problema: {why}. Las predicciones siguen; la enseñanza espera.",
    },
    "store.put_aside": {
        "en": "The store was damaged, so a new one was begun. Nothing was deleted: the old file was put aside.",
        "es": "El almacén estaba dañado y se ha empezado uno nuevo. No se ha borrado nada: el archivo antiguo "
        "está aparte.",
    },
    "limit.sessions": {
        "en": "So many people are here that this server is full. Try again in a minute.",
        "es": "Hay tanta gente que este servidor está lleno. Prueba de nuevo en un minuto.",
    },
    "limit.key": {
        "en": "Too many wrong keys. Try again in {seconds} s.",
        "es": "Demasiadas claves equivocadas. Prueba de nuevo en {seconds} s.",
    },
    "limit.code": {
        "en": "Too many wrong codes. Try again in {seconds} s.",
        "es": "Demasiados códigos equivocados. Prueba de nuevo en {seconds} s.",
    },
    "limit.rooms": {
        "en": "This server keeps as many rooms as it can.",
        "es": "Este servidor ya guarda tantas salas como puede.",
    },
    "limit.own_rooms": {
        "en": "You own as many rooms as one browser may. Close one first.",
        "es": "Ya tienes tantas salas como puede tener un navegador. Cierra una antes.",
    },
    "limit.opening": {
        "en": "Many rooms were opened in this minute. Try again in {seconds} s.",
        "es": "En este minuto se han abierto muchas salas. Prueba de nuevo en {seconds} s.",
    },
    "limit.closed": {
        "en": "This server is about to restart. Try again in {seconds} s; your drawings stay here.",
        "es": "Este servidor está a punto de reiniciarse. Prueba de nuevo en {seconds} s; tus dibujos siguen aquí.",
    },
    "limit.imports": {
        "en": "Other files are being taught, and this one does not fit beside them. Try again later.",
        "es": "Se están enseñando otros archivos y este ya no cabe. Prueba de nuevo más tarde.",
    },
    "limit.visitor": {
        "en": "That is a lot of lessons for one minute. Try again in {seconds} s; your drawings stay here.",
        "es": "Son muchas lecciones para un minuto. Prueba de nuevo en {seconds} s; tus dibujos siguen aquí.",
    },
    "limit.server": {
        "en": "Many people are teaching just now. Try again in {seconds} s; your drawings stay here.",
        "es": "Hay mucha gente enseñando ahora. Prueba de nuevo en {seconds} s; tus dibujos siguen aquí.",
    },
    "limit.line": {
        "en": "The line of people who wait to teach is full. Try again in {seconds} s; your drawings stay here.",
        "es": "La cola para enseñar está llena. Prueba de nuevo en {seconds} s; tus dibujos siguen aquí.",
    },
    "limit.password": {
        "en": "Too many wrong passwords. Try again in {seconds} s.",
        "es": "Demasiadas contraseñas equivocadas. Prueba de nuevo en {seconds} s.",
    },
    # Inside
    "inside.lead": {
        "en": "The way of your last drawing through the network, from ink to answer.",
        "es": "El camino de tu último dibujo por la red, de la tinta a la respuesta.",
    },
    "inside.example": {
        "en": "Nothing is drawn yet, so this is an example from MNIST.",
        "es": "Aún no hay ningún dibujo; esto es un ejemplo de MNIST.",
    },
    "inside.draw": {"en": "Draw your own", "es": "Dibuja el tuyo"},
    "inside.photo": {"en": "0. What is written is found", "es": "0. Se encuentra lo escrito"},
    "inside.photo.text": {
        "en": "The light is taken out first, with its shadows. Then goes what was there before anybody wrote: each of "
        "these pictures shows something that was left out. What remains may be writing.",
        "es": "Primero se quita la luz, con sus sombras. Después, lo que ya estaba antes de escribir: cada una de "
        "estas imágenes muestra algo que se ha dejado fuera. Lo que queda puede ser escritura.",
    },
    "inside.light": {"en": "Under even light", "es": "Con luz uniforme"},
    "inside.found": {"en": "What may be writing", "es": "Lo que puede ser escritura"},
    "inside.steps": {"en": "1. Your drawing is made ready", "es": "1. Tu dibujo se prepara"},
    "inside.steps.text": {
        "en": "The network learned from MNIST, whose digits all have the same size and place, so your drawing is given "
        "them too. Nothing is stretched: a 1 stays thin.",
        "es": "La red aprendió de MNIST, donde todos los números tienen el mismo tamaño y lugar; tu dibujo también los "
        "recibe. Nada se estira: un 1 sigue siendo fino.",
    },
    "inside.ink": {"en": "The ink alone", "es": "Solo la tinta"},
    "inside.scaled": {"en": "Cropped; longer side 20 pixels", "es": "Recortado; lado mayor de 20 píxeles"},
    "inside.binary": {"en": "Black and white", "es": "En blanco y negro"},
    "inside.centred": {
        "en": "Its centre of mass in the middle of 28 × 28",
        "es": "Su centro de masa, en medio de 28 × 28",
    },
    "inside.maps": {"en": "2. Layers look for patterns", "es": "2. Las capas buscan patrones"},
    "inside.maps.text": {
        "en": "Each square is one detector, and bright is where it found its pattern: first edges and ends of strokes, "
        "further on whole arcs and loops, at ever coarser places.",
        "es": "Cada cuadro es un detector, y brilla donde encuentra su patrón: primero bordes y puntas de los trazos, "
        "después arcos y bucles enteros, en lugares cada vez más gruesos.",
    },
    "inside.layer": {
        "en": "{count} of {total} detectors, each on {height} × {width} places",
        "es": "{count} de {total} detectores, cada uno en {height} × {width} lugares",
    },
    "inside.why": {"en": "3. Which ink decided", "es": "3. Qué tinta decidió"},
    "inside.why.text": {
        "en": "A small patch is erased everywhere in turn. Where the answer suffers, that ink spoke for it (blue); "
        "where the answer gains, the ink spoke against it (orange).",
        "es": "Se borra un trocito en cada lugar. Donde la respuesta pierde, esa tinta hablaba a su favor (azul); "
        "donde gana, la tinta hablaba en contra (naranja).",
    },
    "inside.seen": {"en": "What the network sees", "es": "Lo que ve la red"},
    "inside.for": {"en": "For the {digit} ({share})", "es": "A favor del {digit} ({share})"},
    "inside.rather": {"en": "For the {digit} rather than the {rival}", "es": "A favor del {digit} y no del {rival}"},
    "inside.map": {"en": "4. Among other digits", "es": "4. Entre otros números"},
    "inside.map.text": {
        "en": "Inside, each drawing is a point among many dimensions; here it is flattened to two. Small digits are "
        "MNIST's, large ones were taught by visitors, and the ring is your drawing. Alike drawings lie close.",
        "es": "Por dentro, cada dibujo es un punto entre muchas dimensiones; aquí se aplana a dos. Los números "
        "pequeños son de MNIST, los grandes los han enseñado visitantes y el anillo es tu dibujo. Los parecidos "
        "quedan cerca.",
    },
    "inside.map.alt": {
        "en": "Map of MNIST's digits with your drawing, read as a {digit}, ringed",
        "es": "Mapa de los números de MNIST con tu dibujo, leído como un {digit}, en un anillo",
    },
    "inside.you": {"en": "Your drawing", "es": "Tu dibujo"},
    # Learned
    "learned.lead.everyone": {
        "en": "How well **everyone's model** reads, what visitors have taught it, and the way back from each lesson.",
        "es": "Qué tal lee **el modelo de todos**, qué le han enseñado los visitantes y cómo volver atrás.",
    },
    "learned.lead.mine": {
        "en": "How well **your own model** reads, what you have taught it, and the way back from each lesson.",
        "es": "Qué tal lee **tu propio modelo**, qué le has enseñado y cómo volver atrás.",
    },
    "learned.lead.ours": {
        "en": "How well the model of the room **{name}** reads, what it was taught there, and the way back from each "
        "lesson.",
        "es": "Qué tal lee el modelo de la sala **{name}**, qué se le ha enseñado allí y cómo volver atrás.",
    },
    "learned.points": {"en": "{points} points since the base model", "es": "{points} puntos desde el modelo base"},
    "learned.lessons": {"en": "Lessons in the model", "es": "Lecciones en el modelo"},
    "learned.drawn": {"en": "Drawings taught", "es": "Dibujos enseñados"},
    "learned.tab.reading": {"en": "How it reads", "es": "Cómo lee"},
    "learned.tab.taught": {"en": "What it was taught", "es": "Qué se le ha enseñado"},
    "learned.tab.files": {"en": "Files", "es": "Archivos"},
    "learned.tab.owner": {"en": "Owner", "es": "Responsable"},
    "learned.by_digit": {"en": "Read right, of each digit", "es": "Leído bien, de cada número"},
    "learned.accuracy": {"en": "read right, %", "es": "leído bien, %"},
    "learned.digit": {"en": "{digit}: {share} read right", "es": "{digit}: {share} leído bien"},
    "learned.confusion": {"en": "What it takes for what", "es": "Qué confunde con qué"},
    "learned.confusion.alt": {
        "en": "Confusion matrix of MNIST's 10,000 test images: rows are the truth, columns what was read",
        "es": "Matriz de confusión de las 10.000 imágenes de prueba de MNIST: filas, la verdad; columnas, lo leído",
    },
    "learned.truth": {"en": "It is", "es": "Es"},
    "learned.read_as": {"en": "It is read as", "es": "Se lee como"},
    "learned.cell": {
        "en": "It is {truth}, it is read as {read}: {count}",
        "es": "Es {truth}, se lee como {read}: {count}",
    },
    "learned.behind": {
        "en": "Test images that are {truth} and are read as {read}: {count}. Tap a cell above, or choose here.",
        "es": "Imágenes de prueba que son {truth} y se leen como {read}: {count}. Toca una celda o elige aquí.",
    },
    "learned.worst": {"en": "Its worst mistakes", "es": "Sus peores errores"},
    "learned.worst.text": {
        "en": "The test images it is most wrong about: truth → what it reads. Many of them no person reads as "
        "labelled.",
        "es": "Las imágenes de prueba en las que más se equivoca: verdad → lo que lee. Muchas no las lee bien nadie.",
    },
    "learned.over": {"en": "MNIST's test images, lesson by lesson", "es": "Las imágenes de prueba, lección a lección"},
    "learned.version": {"en": "version", "es": "versión"},
    "learned.timeline": {"en": "Timeline", "es": "Cronología"},
    "learned.nothing": {
        "en": "Nobody has taught it anything yet. Be the first, on the drawing page.",
        "es": "Nadie le ha enseñado nada todavía. Sé el primero, en la página de dibujar.",
    },
    "learned.nothing.mine": {
        "en": "You have taught it nothing yet. Begin on the drawing page.",
        "es": "Todavía no le has enseñado nada. Empieza en la página de dibujar.",
    },
    "learned.active": {"en": "answers now", "es": "responde ahora"},
    "learned.not_active": {"en": "not in the model now", "es": "ahora no está en el modelo"},
    "learned.taught": {"en": "taught {what}", "es": "enseñado {what}"},
    "learned.start": {"en": "begun with nothing taught", "es": "comenzado sin nada enseñado"},
    "learned.withdraw": {"en": "Withdraw this lesson", "es": "Retirar esta lección"},
    "learned.activate": {"en": "went back to version {number}", "es": "vuelta a la versión {number}"},
    "learned.rebase": {"en": "taught again to a new base model", "es": "enseñado de nuevo a otro modelo base"},
    "learned.withdraw.done": {"en": "withdrawn: {what}", "es": "retirada: {what}"},
    "learned.delete.done": {"en": "deleted for good: {what}", "es": "borrado para siempre: {what}"},
    "learned.lesson_of": {"en": "the lesson of version {number}", "es": "la lección de la versión {number}"},
    "learned.lessons_of": {"en": "lessons", "es": "lecciones"},
    "learned.deleted": {"en": "a lesson, since deleted for good", "es": "una lección, borrada después para siempre"},
    "learned.deleted.drawings": {
        "en": "Its drawings were deleted for good, and what they taught with them.",
        "es": "Sus dibujos se han borrado para siempre, y con ellos lo que enseñaron.",
    },
    "learned.erased.drawings": {
        "en": "Its drawings were erased because of their age; what they taught is still there.",
        "es": "Sus dibujos se han borrado por antiguos; lo que enseñaron sigue ahí.",
    },
    "learned.hidden": {"en": "hidden", "es": "oculta"},
    "learned.hidden.drawings": {
        "en": "The owner has hidden these drawings.",
        "es": "El responsable ha ocultado estos dibujos.",
    },
    "learned.back": {"en": "Go back to here", "es": "Volver aquí"},
    "learned.back.gone": {"en": "That version is not there any more.", "es": "Esa versión ya no existe."},
    "learned.by": {"en": "by {name}", "es": "de: {name}"},
    "learned.you": {"en": "you", "es": "tú"},
    "learned.owner": {"en": "the owner", "es": "el responsable"},
    "learned.drawings": {"en": "{count} drawings of this lesson", "es": "{count} dibujos de esta lección"},
    "learned.effect": {
        "en": "its drawings: {before} → {after} recognised · MNIST {test}",
        "es": "sus dibujos: {before} → {after} reconocidos · MNIST {test}",
    },
    # Lessons that wait
    "waiting.title": {"en": "Waiting for your approval: {count}", "es": "Esperan tu aprobación: {count}"},
    "waiting.others": {
        "en": "Lessons that wait until the owner has approved them: {count}.",
        "es": "Lecciones que esperan la aprobación del responsable: {count}.",
    },
    "waiting.approve": {"en": "Approve", "es": "Aprobar"},
    "waiting.decline": {"en": "Decline and delete", "es": "Rechazar y borrar"},
    "waiting.gone": {
        "en": "That lesson waits no longer: it was approved, declined or taken back meanwhile.",
        "es": "Esa lección ya no espera: entretanto se aprobó, se rechazó o se retiró.",
    },
    # What the owner may do with a lesson
    "moderate.ways": {"en": "Change", "es": "Cambiar"},
    "moderate.hide": {"en": "Hide its drawings from others", "es": "Ocultar sus dibujos a los demás"},
    "moderate.show": {"en": "Show its drawings to everybody", "es": "Mostrar sus dibujos a todos"},
    "moderate.delete": {"en": "Delete this lesson for good", "es": "Borrar esta lección para siempre"},
    "moderate.hide_all": {"en": "Hide all drawings by {name}", "es": "Ocultar todo lo de este autor ({name})"},
    "moderate.show_all": {"en": "Show all drawings by {name}", "es": "Mostrar todo lo de este autor ({name})"},
    "moderate.delete_all": {
        "en": "Delete everything by {name} for good",
        "es": "Borrar todo lo de este autor ({name})",
    },
    "moderate.hide_everywhere": {
        "en": "Hide all drawings by {name} in all rooms",
        "es": "Ocultar en todas las salas lo de este autor ({name})",
    },
    "moderate.show_everywhere": {
        "en": "Show all drawings by {name} in all rooms",
        "es": "Mostrar en todas las salas lo de este autor ({name})",
    },
    "moderate.delete_everywhere": {
        "en": "Delete everything by {name} in all rooms for good",
        "es": "Borrar en todas las salas lo de este autor ({name})",
    },
    "moderate.sure": {
        "en": "Sure? The drawings leave the model, the files and the store, and nobody can bring them back.",
        "es": "¿Seguro? Los dibujos desaparecen del modelo, de los archivos y del almacén, y nadie puede recuperarlos.",
    },
    "moderate.keep": {"en": "Keep", "es": "Conservar"},
    # The owner
    "owner.password": {"en": "Owner's password", "es": "Contraseña del responsable"},
    "owner.key": {"en": "Owner's key", "es": "Clave del responsable"},
    "owner.key.where": {
        "en": "Rolling back, withdrawing and importing are for the owner. The terminal where this server was started "
        "shows the owner's link: open it in this browser, or give the key at its end here.",
        "es": "Volver atrás, retirar e importar son del responsable. La terminal donde se inició este servidor muestra "
        "el enlace del responsable: ábrelo en este navegador o escribe aquí la clave con la que termina.",
    },
    "owner.enter": {"en": "Sign in", "es": "Entrar"},
    "owner.login": {"en": "Sign in as the owner", "es": "Entrar como responsable"},
    "owner.leave": {"en": "Sign out", "es": "Salir"},
    "owner.you": {
        "en": "You are signed in as the owner of this app: in every room you may roll back, withdraw, hide, delete, "
        "import and empty.",
        "es": "Has entrado como responsable de la app: en cada sala puedes volver atrás, retirar, ocultar, borrar, "
        "importar y vaciar.",
    },
    "owner.off": {
        "en": "Rolling back, withdrawing and importing are for the owner, and off here. To turn them on, set "
        "OWNER_PASSWORD in the server's environment or in .streamlit/secrets.toml.",
        "es": "Volver atrás, retirar e importar son del responsable y aquí están desactivados. Para activarlos, define "
        "OWNER_PASSWORD en el entorno del servidor o en .streamlit/secrets.toml.",
    },
    "owner.wrong": {
        "en": "That is not the owner's password or key. A key is good for one browser; the terminal shows the next "
        "one.",
        "es": "Esa no es la contraseña ni la clave del responsable. Cada clave sirve para un navegador: la terminal "
        "muestra la siguiente.",
    },
    "owner.only": {"en": "Only the owner may do that.", "es": "Solo el responsable puede hacer eso."},
    "owner.empty": {"en": "Empty the store", "es": "Vaciar el almacén"},
    "owner.empty.sure": {
        "en": "This removes every lesson, version and tray for good. Take the lessons away as a file first.",
        "es": "Esto borra para siempre lecciones, versiones y bandejas. Antes, descarga las lecciones como archivo.",
    },
    # The owner of a room
    "room.yours": {
        "en": "You are the owner of this room: you may also roll back, withdraw, hide, delete, import and empty.",
        "es": "Eres responsable de esta sala: también puedes volver atrás, retirar, ocultar, borrar, importar y "
        "vaciar.",
    },
    "room.name": {"en": "Name of this room", "es": "Nombre de esta sala"},
    "room.rename": {"en": "Rename", "es": "Cambiar el nombre"},
    "room.approval": {"en": "The owner approves first", "es": "El responsable aprueba primero"},
    "room.approval.help": {
        "en": "A lesson of others that passes the gate waits, with its proof, until you approve it.",
        "es": "Una lección de otros que pasa el examen espera, con su prueba, hasta que la apruebas.",
    },
    "room.empty": {"en": "Empty this model", "es": "Vaciar este modelo"},
    "room.empty.sure": {
        "en": "This removes every lesson and version here for good. Take the lessons away as a file first.",
        "es": "Esto borra para siempre todas las lecciones y versiones de aquí. Antes, descarga las lecciones.",
    },
    "room.close": {"en": "Close this room", "es": "Cerrar esta sala"},
    "room.close.sure": {
        "en": "Sure? The room goes for good, with its code, its model and all its lessons, for everybody in it.",
        "es": "¿Seguro? La sala desaparece para siempre, con su código, su modelo y todas sus lecciones, para todos.",
    },
    "room.closed.by_you": {"en": "Closed: nothing of it is left.", "es": "Cerrado: no queda nada."},
    "room.mine.yours": {
        "en": "This model is yours: only this browser teaches it, sees its lessons and may change them.",
        "es": "Este modelo es tuyo: solo este navegador le enseña, ve sus lecciones y puede cambiarlas.",
    },
    "room.mine.close": {"en": "Delete my model", "es": "Borrar mi modelo"},
    "room.mine.close.sure": {
        "en": "Sure? Your model goes for good, with all its lessons. Take the lessons away as a file first.",
        "es": "¿Seguro? Tu modelo desaparece para siempre, con todas sus lecciones. Antes, descarga las lecciones.",
    },
    "room.claim.why": {
        "en": "Hiding, deleting, approving and rolling back are for who opened this room. Its key, which was shown "
        "then, makes this browser its owner instead.",
        "es": "Ocultar, borrar, aprobar y volver atrás son de quien abrió esta sala. Su clave, que se mostró entonces, "
        "hace a este navegador responsable en su lugar.",
    },
    "room.claim.key": {"en": "Key of this room", "es": "Clave de esta sala"},
    "room.claim": {"en": "Become the owner", "es": "Ser responsable"},
    "room.claim.wrong": {"en": "That is not the key of this room.", "es": "Esa no es la clave de esta sala."},
    "room.claim.yours": {
        "en": "This browser is the owner of this room now.",
        "es": "Este navegador es ahora responsable de esta sala.",
    },
    "rooms.title": {"en": "Rooms, the last used first: {count}", "es": "Salas, las últimas usadas primero: {count}"},
    "rooms.row": {
        "en": "{code} · lessons: {lessons} · used {used}",
        "es": "{code} · lecciones: {lessons} · usada el {used}",
    },
    # Files
    "files.text": {
        "en": "The model opens in plain Keras with `keras.models.load_model` and takes (n, 28, 28, 1), float32, 0 to "
        "1; as ONNX it runs in other languages and takes (n, 28, 28), uint8, 0 and 255. Lessons can be uploaded on "
        "another server.",
        "es": "El modelo se abre en Keras con `keras.models.load_model` y toma (n, 28, 28, 1), float32, de 0 a 1; "
        "como ONNX funciona en otros lenguajes y toma (n, 28, 28), uint8, 0 y 255. Las lecciones se pueden subir a "
        "otro servidor.",
    },
    "files.model": {"en": "Taught model ({form})", "es": "Modelo enseñado ({form})"},
    "files.lessons": {"en": "All lessons ({form})", "es": "Todas las lecciones ({form})"},
    "files.tray": {"en": "This tray ({form})", "es": "Esta bandeja ({form})"},
    "files.bring": {"en": "Drawings from a file (.npz or .zip)", "es": "Dibujos de un archivo (.npz o .zip)"},
    "files.brought": {"en": "{count} drawings are in the tray now.", "es": "Ahora hay {count} dibujos en la bandeja."},
    "files.import": {"en": "Teach the lessons of a file (.npz or .zip)", "es": "Enseñar las lecciones de un archivo"},
    "files.importing": {"en": "Teaching lesson {place} of {count}…", "es": "Enseñando la lección {place} de {count}…"},
    "files.broken_off": {
        "en": "Broken off after {sent} of {count} lessons, {accepted} of them accepted. Choose the same file again to "
        "go on: no lesson is taught twice.",
        "es": "Interrumpido tras {sent} de {count} lecciones, {accepted} de ellas aceptadas. Elige otra vez el mismo "
        "archivo para seguir: ninguna lección se enseña dos veces.",
    },
    "files.imported": {
        "en": "{accepted} of {count} lessons are in the model now.",
        "es": "{accepted} de {count} lecciones están ahora en el modelo.",
    },
    "files.unlabelled": {
        "en": "Some drawings of that file have no digit. Bring it into a tray first, and choose them.",
        "es": "Hay dibujos sin número en ese archivo. Tráelo antes a una bandeja y elígelos.",
    },
    "lessons.too_many_bytes": {"en": "That file is too large.", "es": "Ese archivo es demasiado grande."},
    "lessons.not_an_archive": {
        "en": "That is no file of lessons. Files of this app are .npz or .zip.",
        "es": "Ese no es un archivo de lecciones. Los de esta app son .npz o .zip.",
    },
    "lessons.too_many_drawings": {
        "en": "That file holds too many drawings.",
        "es": "Ese archivo tiene demasiados dibujos.",
    },
    "lessons.empty": {"en": "That file holds no drawings.", "es": "Ese archivo no tiene dibujos."},
    "lessons.missing": {"en": "Parts of that file are missing.", "es": "A ese archivo le faltan partes."},
    "lessons.names": {
        "en": "That file has names in it that a file of lessons cannot have.",
        "es": "Ese archivo tiene nombres que un archivo de lecciones no puede tener.",
    },
    "lessons.images": {
        "en": "Some drawings of that file are not 28 × 28 in black and white.",
        "es": "Hay dibujos en ese archivo que no son de 28 × 28 en blanco y negro.",
    },
    "lessons.blank": {
        "en": "Some drawings of that file are blank. A lesson needs ink in each.",
        "es": "Algunos dibujos de ese archivo están en blanco. Una lección necesita tinta en cada uno.",
    },
    "lessons.labels": {
        "en": "Some digits of that file are not from 0 to 9.",
        "es": "Hay números en ese archivo que no van de 0 a 9.",
    },
    "lessons.lessons": {
        "en": "The lesson numbers of that file make no sense.",
        "es": "Los números de lección de ese archivo no tienen sentido.",
    },
    # About
    "about.lead": {
        "en": "An app that reads digits drawn by hand, and can be taught by anyone who draws them.",
        "es": "Una app que lee números dibujados a mano y que aprende de quien los dibuja.",
    },
    "about.how": {"en": "How it works, in two minutes", "es": "Cómo funciona, en dos minutos"},
    "about.draw.title": {"en": "You draw", "es": "Dibujas"},
    "about.draw.text": {
        "en": "Your drawing is cropped to its ink, made black and white, and placed with its centre of mass in the "
        "middle of 28 × 28 pixels: the shape in which the network knows digits.",
        "es": "Tu dibujo se recorta a la tinta, se pasa a blanco y negro y se coloca con su centro de masa en medio de "
        "28 × 28 píxeles: la forma en que la red conoce los números.",
    },
    "about.read.title": {"en": "It reads", "es": "Lee"},
    "about.read.text": {
        "en": "A network that studied 55,000 digits of MNIST, and made-up hands, turns it into 192 numbers and those "
        "into ten scores. It also says when something is no digit.",
        "es": "Una red que estudió 55.000 números de MNIST, y letras inventadas, lo convierte en 192 valores y estos "
        "en diez puntuaciones. También dice cuándo algo no es un número.",
    },
    "about.teach.title": {"en": "You teach", "es": "Enseñas"},
    "about.teach.text": {
        "en": "When it misreads your hand, a few drawings and their digit make a lesson. The network stays as it is; "
        "the lesson adds a small memory that speaks up for shapes like yours only.",
        "es": "Si lee mal tu letra, unos dibujos con su número forman una lección. La red queda como está; la lección "
        "añade una pequeña memoria que solo habla ante formas como las tuyas.",
    },
    "about.gate.title": {"en": "Nothing is lost", "es": "No se pierde nada"},
    "about.gate.text": {
        "en": "Before a lesson is kept it takes an exam on digits it must still read. A lesson that would do harm is "
        "refused, and each one can be undone as if it had never been taught.",
        "es": "Antes de guardarse, cada lección pasa un examen con números que se deben seguir leyendo. La que haría "
        "daño se rechaza, y todas se pueden deshacer como si nunca se hubieran enseñado.",
    },
    "about.draw.alt": {"en": "A drawn 4 becomes pixels", "es": "Un 4 dibujado se vuelve píxeles"},
    "about.read.alt": {
        "en": "Pixels go through layers to ten bars, the longest that of the 4",
        "es": "Los píxeles pasan por capas hasta diez barras; la más larga, la del 4",
    },
    "about.teach.alt": {"en": "Three slashed zeros and the label 0", "es": "Tres ceros con barra y la etiqueta 0"},
    "about.gate.alt": {"en": "All ten digits behind a shield", "es": "Los diez números tras un escudo"},
    "about.privacy": {"en": "What is kept about you", "es": "Qué se guarda de ti"},
    "about.privacy.text": {
        "en": "Your drawings, and no name. Your browser carries a random number in a cookie; the server only keeps a "
        "scrambled form of it. With that it keeps the drawings in your tray (30 days), and of each lesson its "
        "drawings, digits and time, under an anonymous number that others see as two friendly words. Who sees a "
        "lesson? Everyone's model: everybody. A room's: whoever has its code. Your own: only you. {kept} A room or a "
        "model of one's own that nobody uses for {days} days goes, with everything in it. Would you like a drawing "
        "gone? The owner of the room, or of this app, can delete a lesson for good, or all of yours at once. Nothing "
        "is sent to anybody else.",
        "es": "Tus dibujos, y ningún nombre. Tu navegador lleva un número al azar en una cookie; el servidor solo "
        "guarda una huella de él. Con ella guarda los dibujos de tu bandeja (30 días) y, de cada lección, sus "
        "dibujos, números y hora, bajo un número anónimo que los demás ven como dos palabras amables. ¿Quién ve una "
        "lección? La del modelo de todos, todo el mundo. La de una sala, quien tenga su código. La de tu modelo, solo "
        "tú. {kept} Una sala o un modelo propio que nadie usa en {days} días desaparece con todo lo que contiene. "
        "¿Quieres que se borre un dibujo? El responsable de la sala, o el de la app, puede borrar para siempre una "
        "lección, o todas las tuyas a la vez. Nada se envía a nadie más.",
    },
    "about.kept": {
        "en": "The drawings of lessons are kept as long as the model that learned them.",
        "es": "Los dibujos de las lecciones se guardan mientras exista el modelo que los aprendió.",
    },
    "about.kept.days": {
        "en": "The drawings of lessons are erased after {days} days; what they taught stays.",
        "es": "Los dibujos de las lecciones se borran a los {days} días; lo que enseñaron permanece.",
    },
    "about.forget": {"en": "Forget me", "es": "Olvídame"},
    "about.forget.text": {
        "en": "Deletes your tray and your own model, and takes your number off your other lessons; they stay taught, "
        "by nobody. Rooms that you opened stay, and their key makes an owner again.",
        "es": "Borra tu bandeja y tu propio modelo, y quita tu número de tus otras lecciones; siguen enseñadas, por "
        "nadie. Las salas que abriste siguen, y su clave vuelve a hacer un responsable.",
    },
    "about.forget.busy": {
        "en": "A lesson of yours is being taught. Forget when it is done.",
        "es": "Se está enseñando una lección tuya. Olvida cuando termine.",
    },
    "about.forgotten": {"en": "Forgotten: nothing here leads to you.", "es": "Olvidado: nada de aquí lleva a ti."},
    "about.card": {"en": "Model card", "es": "Ficha del modelo"},
    "about.card.text": {
        "en": "How the base model was made, its measured figures, and where it fails.",
        "es": "Cómo se hizo el modelo base, sus cifras medidas y dónde falla (en inglés).",
    },
    "about.card.missing": {"en": "There is no model card.", "es": "No hay ficha del modelo."},
}
